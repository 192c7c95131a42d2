#include "tests/net/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <cerrno>

#include "common/base/check.h"

namespace net_test {
namespace {

constexpr int kExecFailed = 127;

[[noreturn]] void run(const std::vector<std::string>& command, const ChildProcess::Options& options, int in, int out) {
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  for (const auto& [key, value] : options.environment) ::setenv(key.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(kExecFailed);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command, Options options) {
  int in[2];
  int out[2];
  CHECK(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0, "pipes are to be had");
  pid_ = ::fork();
  CHECK(pid_ >= 0, "processes are to be had");
  if (pid_ == 0) run(command, options, in[0], out[1]);
  ::close(in[0]);
  ::close(out[1]);
  // Inputs of tests are smaller than a pipe's buffer, so this never blocks.
  const ssize_t written = ::write(in[1], options.input.data(), options.input.size());
  CHECK(written == static_cast<ssize_t>(options.input.size()), "the input fits into the pipe");
  ::close(in[1]);
  output_ = out[0];
}

ChildProcess::~ChildProcess() {
  if (!exit_code_) {
    ::kill(pid_, SIGKILL);
    wait();
  }
  ::close(output_);
}

bool ChildProcess::fill(std::chrono::seconds patience) {
  pollfd ready{output_, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) <= 0) return false;
  char bytes[4096];
  const ssize_t n = ::read(output_, bytes, sizeof bytes);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::optional<std::string> ChildProcess::read_line(std::chrono::seconds patience) {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (!fill(patience)) return std::nullopt;
  }
}

std::string ChildProcess::read_all(std::chrono::seconds patience) {
  while (fill(patience)) {
  }
  return std::exchange(buffer_, {});
}

void ChildProcess::signal(int number) { ::kill(pid_, number); }

int ChildProcess::wait() {
  if (exit_code_) return *exit_code_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *exit_code_;
}

}  // namespace net_test
