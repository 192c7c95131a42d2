// When nodes have the images that pods need: each node pulls an image once, one image after the other.
//
// Pure state machine: no clock, no I/O. Not thread-safe; owned by the Kubelet.
#pragma once

#include <map>
#include <string>

#include "common/base/time.h"
#include "fake-apiserver/controllers/cluster_options.h"

namespace fakeapi {

// What every node holds, because its container runtime needs it.
inline constexpr const char* kPauseImage = "pause:3.9";

class ImagePulls {
 public:
  explicit ImagePulls(ImagePullOptions options);

  // The node holds the initial images from the start.
  void add_initial_node(const std::string& node);
  // The image is on the node already.
  void hold(const std::string& node, const std::string& image) { nodes_[node].images.emplace(image, base::Time{}); }
  void forget_node(const std::string& node) { nodes_.erase(node); }

  struct Pull {
    base::Time done{};     // the image is there
    bool started = false;  // by this request: nobody had asked for it on that node
  };
  // A pod on `node` needs `image`. REQUIRES: `now` never goes backwards between calls.
  Pull request(const std::string& node, const std::string& image, base::Time now);

 private:
  struct Node {
    std::map<std::string, base::Time> images;  // when they are there
    base::Time busy_until{};
  };

  const ImagePullOptions options_;
  const base::Duration pull_time_;
  std::map<std::string, Node> nodes_;
};

}  // namespace fakeapi
