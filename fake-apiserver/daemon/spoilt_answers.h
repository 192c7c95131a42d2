// The answers that faults give or distort. Pure functions.
#pragma once

#include "common/http/handler.h"
#include "fake-apiserver/daemon/fault_rules.h"

namespace fakeapi {

// In place of an answer, as a real server words it.
http::Reply error_answer(const FaultRule& rule, const RequestInfo& request);

bool is_metrics_group(const std::string& group);
// A list that any revision may answer: resourceVersion=0.
bool is_cached_list(const RequestInfo& info, const http::Request& request);
// The same list at this revision.
http::Request at_revision(const http::Request& request, std::uint64_t revision);
// Without If-None-Match, so that there is a body to distort.
http::Request unconditional(http::Request request);

// The group as one whose server does not answer: 503 for its own documents, "Stale" in the aggregated one.
void hide_group(http::Reply& reply, const RequestInfo& request, const std::string& group);
// An empty list, or 404.
void hide_metrics(http::Reply& reply, const RequestInfo& request);
// Every number becomes NaN.
void spoil_metrics(http::Reply& reply);

}  // namespace fakeapi
