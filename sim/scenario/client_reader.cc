#include "sim/scenario/client_reader.h"

#include "sim/scenario/common_fields.h"

namespace sim {

using config::Fields;

ClientOptions read_attempts(Fields& fields) {
  ClientOptions options;
  if (fields.has("timeout") && fields.value().at("timeout") != "none") {
    options.timeout = fields.duration("timeout").count();
    if (*options.timeout <= 0) fields.fail("timeout", "must be positive, or none");
    if (*options.timeout > kLongest.count()) fields.fail("timeout", "must be at most 31d, or none");
  }
  if (auto retries = fields.object_if("retries")) {
    options.max_retries = read_count_or(*retries, "max", 0, 0, 100);
    options.backoff = read_ticks_or(*retries, "backoff", 100 * kMillisecond);
    if (options.backoff > 3600 * kSecond) retries->fail("backoff", "must be at most 1h");
    if (retries->has("budget")) options.budget = retries->number("budget", 0, 100);
  }
  options.cancels = fields.boolean_or("cancels", false);
  return options;
}

SystemClient read_client(Fields& traffic) {
  SystemClient client;
  auto fields = traffic.object_if("client");
  if (!fields) return client;
  client.attempts = read_attempts(*fields);
  if (auto hedging = fields->object_if("hedging")) {
    client.hedging = Hedging{read_ticks(*hedging, "after", 1), hedging->boolean_or("cancelLoser", true)};
    if (client.attempts.timeout && client.hedging->after >= *client.attempts.timeout) {
      hedging->fail("after", "must be shorter than the client's timeout");
    }
  }
  if (auto patience = fields->object_if("patience")) {
    const ServiceTime time = read_distribution(*patience);
    client.patience = Patience{time.distribution, time.mean, time.cv};
  }
  return client;
}

}  // namespace sim
