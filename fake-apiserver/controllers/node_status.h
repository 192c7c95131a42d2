// What a node says of itself: its conditions as the kubelet reports them. Pure functions over the node's object.
#pragma once

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// The conditions of a node that has just come up, Ready or not yet.
Json node_conditions(bool ready, base::Time now);

// The node's kubelet is heard: all is well, Ready or not yet.
void mark_node(Json& node, bool ready, base::Time now);

// A node that has registered and is not Ready: tainted so that nothing comes to it yet.
void mark_new_node(Json& node, base::Time now);
// Whether it is still that.
bool is_new_node(const Json& node);
// The same once it is Ready.
void mark_ready_node(Json& node, base::Time now);

}  // namespace fakeapi
