// A program that a test starts, with its output in a pipe. Killed, if it still runs, when it goes out of scope.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace net_test {

class ChildProcess {
 public:
  struct Options {
    std::map<std::string, std::string> environment;  // added to that of the test
    std::string input;                               // for its standard input
  };

  // Standard error goes where standard output goes.
  ChildProcess(std::vector<std::string> command, Options options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // nullopt at the end of the output, or when no whole line comes within `patience`.
  std::optional<std::string> read_line(std::chrono::seconds patience);
  // What is left of the output, up to its end.
  std::string read_all(std::chrono::seconds patience);

  void signal(int number);
  // The exit code, or 128 + the signal that ended it.
  int wait();

 private:
  bool fill(std::chrono::seconds patience);

  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> exit_code_;
};

}  // namespace net_test
