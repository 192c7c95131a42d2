#include "fake-apiserver/controllers/image_pulls.h"

#include <algorithm>
#include <utility>

namespace fakeapi {
namespace {

base::Duration pull_time(const ImagePullOptions& options) {
  constexpr double kLongest = 365.0 * 86400;  // a year bounds the arithmetic of times
  if (!(options.bytes > 0) || !(options.bytes_per_second > 0)) return base::Duration::zero();
  const double seconds = std::min(options.bytes / options.bytes_per_second, kLongest);
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

ImagePulls::ImagePulls(ImagePullOptions options) : options_(std::move(options)), pull_time_(pull_time(options_)) {}

void ImagePulls::add_initial_node(const std::string& node) {
  for (const std::string& image : options_.initial_images) nodes_[node].images.emplace(image, base::Time{});
}

ImagePulls::Pull ImagePulls::request(const std::string& node, const std::string& image, base::Time now) {
  if (image == kPauseImage) return {.done = now, .started = false};
  Node& state = nodes_[node];
  const auto [at, added] = state.images.try_emplace(image);
  if (!added) return {.done = std::max(now, at->second), .started = false};
  at->second = state.busy_until = std::max(now, state.busy_until) + pull_time_;
  return {.done = at->second, .started = true};
}

}  // namespace fakeapi
