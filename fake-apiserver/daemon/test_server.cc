#include "fake-apiserver/daemon/test_server.h"

#include <stdexcept>

namespace fakeapi {
namespace {

Flags flags_of(const std::vector<std::string>& given) {
  std::vector<std::string> all = {"fake-apiserver", "--port=0", "--log-level=off"};
  for (const std::string& flag : given) {
    if (flag.starts_with("--port")) std::erase(all, "--port=0");
    if (flag.starts_with("--log-level")) std::erase(all, "--log-level=off");
    all.push_back(flag);
  }
  std::vector<const char*> argv;
  for (const std::string& flag : all) argv.push_back(flag.c_str());
  ParsedFlags parsed = parse_flags(static_cast<int>(argv.size()), argv.data());
  if (!parsed.flags) throw std::runtime_error(parsed.message);
  return std::move(*parsed.flags);
}

}  // namespace

TestServer::TestServer(const std::vector<std::string>& flags) {
  auto started = Daemon::start(flags_of(flags));
  if (!started) throw std::runtime_error(started.error().message);
  daemon_ = std::move(*started);
  url_ = daemon_->url();
  kubeconfig_ = daemon_->kubeconfig();
  loop_ = std::thread([this] { (void)daemon_->run(); });
}

TestServer::~TestServer() {
  daemon_->stop();
  loop_.join();
}

}  // namespace fakeapi
