#include "bench/api/load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace bench {
namespace {

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "api-bench: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) die("send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// The length of the whole answer at the front of `bytes`; 0 if it has not all come.
std::size_t whole_answer(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  const std::size_t field = bytes.substr(0, head).find("Content-Length: ");
  if (field == std::string_view::npos) die("an answer without Content-Length");
  const std::size_t length = std::strtoul(bytes.data() + field + 16, nullptr, 10);
  return bytes.size() >= head + 4 + length ? head + 4 + length : 0;
}

struct Slot {
  int fd = -1;
  std::string received;
  Clock::time_point sent;
};

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

std::string http_request(std::string_view method, std::string_view target, std::string_view body) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n");
  if (!body.empty()) {
    text.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n");
  }
  text.append("\r\n").append(body);
  return text;
}

double LoadResult::percentile_ms(double p) const {
  if (latency_ms.empty()) return 0;
  const auto at = static_cast<std::size_t>(p * static_cast<double>(latency_ms.size() - 1));
  return static_cast<double>(latency_ms[at]);
}

LoadResult run_load(std::uint16_t port, int connections, std::uint64_t count, const MakeRequest& make,
                    double per_second) {
  const int poller = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Slot> slots(static_cast<std::size_t>(connections));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i].fd = connect_to(port);
    epoll_event interest{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(poller, EPOLL_CTL_ADD, slots[i].fd, &interest);
  }
  LoadResult result;
  result.sent.reserve(count);
  std::vector<std::size_t> free_slots;
  for (std::size_t i = slots.size(); i-- > 0;) free_slots.push_back(i);
  const Clock::time_point begin = Clock::now();
  std::array<char, 65536> buffer;
  std::array<epoll_event, 64> events;
  while (result.answers < count) {
    while (!free_slots.empty() && result.sent.size() < count) {
      if (per_second > 0 && since(begin) < static_cast<double>(result.sent.size()) / per_second) break;
      Slot& slot = slots[free_slots.back()];
      free_slots.pop_back();
      const std::string request = make(result.sent.size());
      slot.sent = Clock::now();
      result.sent.push_back(slot.sent);
      send_all(slot.fd, request);
    }
    const int ready = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), per_second > 0 ? 1 : -1);
    for (int i = 0; i < ready; ++i) {
      const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
      Slot& slot = slots[index];
      const ssize_t n = ::recv(slot.fd, buffer.data(), buffer.size(), 0);
      if (n <= 0) die("the server closed a connection");
      slot.received.append(buffer.data(), static_cast<std::size_t>(n));
      if (whole_answer(slot.received) == 0) continue;
      if (slot.received.compare(9, 1, "2") != 0) ++result.failures;
      slot.received.clear();
      result.latency_ms.push_back(std::chrono::duration<float, std::milli>(Clock::now() - slot.sent).count());
      ++result.answers;
      free_slots.push_back(index);
    }
  }
  result.seconds = since(begin);
  std::sort(result.latency_ms.begin(), result.latency_ms.end());
  for (const Slot& slot : slots) ::close(slot.fd);
  ::close(poller);
  return result;
}

std::string ask(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body) {
  const int fd = connect_to(port);
  send_all(fd, http_request(method, target, body));
  std::string received;
  std::array<char, 65536> buffer;
  std::size_t length = 0;
  while (length == 0) {
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) die("no answer");
    received.append(buffer.data(), static_cast<std::size_t>(n));
    length = whole_answer(received);
  }
  ::close(fd);
  return received.substr(received.find("\r\n\r\n") + 4);
}

struct Watchers::State {
  std::vector<Slot> slots;
  int poller = -1;
  OnLine on_line;
  std::atomic<std::uint64_t> lines{0};
  std::atomic<int> lost{0};
  std::atomic<bool> stop{false};
  std::thread reader;

  // Events are lines; what frames the chunks is short and holds no end of line of its own but \r\n.
  void take(Slot& slot, std::size_t index, std::string_view bytes) {
    const Clock::time_point now = Clock::now();
    std::uint64_t seen = 0;
    if (index != 0) {
      for (const char* at = bytes.data(); (at = static_cast<const char*>(std::memchr(
                                               at, '\n', bytes.size() - static_cast<std::size_t>(at - bytes.data()))));
           ++at) {
        if (at == bytes.data() || at[-1] == '}') ++seen;
      }
    } else {
      slot.received.append(bytes);
      std::string_view rest = slot.received;
      for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
        if (end == 0 || rest[end - 1] != '}') continue;
        ++seen;
        if (on_line) on_line(rest.substr(0, end), now);
      }
      slot.received.erase(0, slot.received.size() - rest.size());
    }
    lines += seen;
  }

  void read() {
    std::vector<char> buffer(1 << 20);
    std::array<epoll_event, 64> events;
    while (!stop) {
      const int ready = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), 50);
      for (int i = 0; i < ready; ++i) {
        const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
        const ssize_t n = ::recv(slots[index].fd, buffer.data(), buffer.size(), 0);
        if (n > 0) {
          take(slots[index], index, std::string_view(buffer.data(), static_cast<std::size_t>(n)));
        } else {
          ::epoll_ctl(poller, EPOLL_CTL_DEL, slots[index].fd, nullptr);
          ++lost;
        }
      }
    }
  }
};

Watchers::Watchers(std::uint16_t port, int count, const std::string& target, OnLine on_line) : state_(new State) {
  state_->on_line = std::move(on_line);
  state_->poller = ::epoll_create1(EPOLL_CLOEXEC);
  state_->slots.resize(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < state_->slots.size(); ++i) {
    const int fd = state_->slots[i].fd = connect_to(port);
    send_all(fd, http_request("GET", target));
    // The header comes at once; from then on the watch is open.
    std::string head;
    std::array<char, 4096> buffer;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (n <= 0) die("a watch was refused");
      head.append(buffer.data(), static_cast<std::size_t>(n));
    }
    state_->take(state_->slots[i], i, std::string_view(head).substr(head.find("\r\n\r\n") + 4));
    epoll_event interest{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(state_->poller, EPOLL_CTL_ADD, fd, &interest);
  }
  state_->reader = std::thread([this] { state_->read(); });
}

Watchers::~Watchers() {
  state_->stop = true;
  state_->reader.join();
  for (const Slot& slot : state_->slots) ::close(slot.fd);
  ::close(state_->poller);
  delete state_;
}

std::uint64_t Watchers::lines() const { return state_->lines; }
int Watchers::lost() const { return state_->lost; }

bool Watchers::wait_for(std::uint64_t lines, std::chrono::seconds patience) const {
  const Clock::time_point end = Clock::now() + patience;
  while (state_->lines < lines && Clock::now() < end) ::poll(nullptr, 0, 2);
  return state_->lines >= lines;
}

ServerProcess::ServerProcess(const std::string& program, std::vector<std::string> flags) {
  flags.insert(flags.begin(), {program, "--port", "0", "--print-port", "--log-level", "off"});
  std::vector<char*> arguments;
  for (std::string& flag : flags) arguments.push_back(flag.data());
  arguments.push_back(nullptr);
  std::array<int, 2> out;
  if (::pipe2(out.data(), O_CLOEXEC) != 0) die("pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const Clock::time_point begin = Clock::now();
  if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0) die(program);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  std::string line;
  char c = 0;
  while (::read(out[0], &c, 1) == 1 && c != '\n') line += c;
  ::close(out[0]);
  port_ = static_cast<std::uint16_t>(std::strtoul(line.c_str(), nullptr, 10));
  if (port_ == 0) die(program + " told no port");
  if (ask(port_, "GET", "/readyz") != "ok") die(program + " is not ready");
  ready_ms_ = since(begin) * 1000;
}

ServerProcess::~ServerProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

double ServerProcess::resident_mb() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

double ServerProcess::cpu_seconds() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(stat, line);
  const char* at = line.c_str() + line.rfind(')') + 2;
  double ticks = 0;
  for (int field = 3; field <= 15; ++field) {
    char* end = nullptr;
    if (field == 3) {
      at += 1;
      continue;
    }
    const double value = std::strtod(at, &end);
    at = end;
    if (field >= 14) ticks += value;
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace bench
