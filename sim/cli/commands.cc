#include "sim/cli/commands.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "common/base/file.h"
#include "common/base/number_format.h"
#include "common/base/real_clock.h"
#include "common/base/time_format.h"
#include "reports/html_report.h"
#include "reports/timeseries_csv.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/summary_text.h"
#include "sim/run/runner.h"
#include "sim/scenario/scenario_loader.h"

namespace sim {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

int complain(const base::Error& error, ExitCode code) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return code;
}

// One line on stderr that tells how far the replays are; rewritten in place on a terminal, otherwise a line at the
// start and one every ten seconds.
class Progress {
 public:
  Progress(const Scenario& scenario, const RunControl& control, base::Clock& clock)
      : control_(control),
        clock_(clock),
        started_(clock.monotonic_now()),
        policies_(std::max<std::size_t>(1, scenario.policies.size())),
        total_(base::seconds(scenario.duration) * static_cast<double>(policies_)),
        terminal_(::isatty(STDERR_FILENO) == 1) {}

  void show() {
    const base::MonoTime now = clock_.monotonic_now();
    if (!terminal_ && shown_ && now - *shown_ < 10s) return;
    shown_ = now;
    const double done = static_cast<double>(control_.seconds_done);
    const double elapsed = base::seconds(now - started_);
    const double speed = elapsed > 0 ? done / elapsed : 0;
    std::string line = base::format_number(std::int64_t{control_.policies_done}) + "/" +
                       base::format_number(std::uint64_t{policies_}) + " policies";
    if (speed > 0) {
      const base::Duration left(static_cast<std::int64_t>((total_ - done) / speed) * 1'000'000'000);
      line += "  " + base::format_fixed(100 * done / total_, 0) + " %  " +
              base::format_grouped(static_cast<std::uint64_t>(speed)) + " sim-s/s  ETA " + base::format_duration(left);
    }
    std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", line.c_str());
    std::fflush(stderr);
  }

  void clear() {
    if (terminal_) std::fputs("\r\033[K", stderr);
  }

 private:
  const RunControl& control_;
  base::Clock& clock_;
  const base::MonoTime started_;
  const std::size_t policies_;
  const double total_;
  const bool terminal_;
  std::optional<base::MonoTime> shown_;
};

// Runs the replays on their own threads while this one shows progress and listens for Ctrl-C.
base::Result<RunResult> replay(const Scenario& scenario, const RunFlags& flags, RunControl& control) {
  asio::io_context context(1);
  base::RealClock clock(context.get_executor());
  const base::MonoTime started = clock.monotonic_now();

  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) control.stop = true;
  });
  Progress progress(scenario, control, clock);
  std::function<void()> tick = [&] {
    progress.show();
    clock.call_after(200ms, tick);
  };
  if (!flags.quiet) tick();

  RunOptions options;
  options.jobs = flags.jobs > 0 ? flags.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.log_level = flags.verbose ? base::LogLevel::kDebug : base::LogLevel::kOff;
  base::Result<RunResult> result = base::Error{};
  std::jthread worker([&] {
    result = run_scenario(scenario, options, control);
    asio::post(context, [&] { context.stop(); });
  });
  auto guard = asio::make_work_guard(context);
  context.run();
  worker.join();
  if (!flags.quiet) progress.clear();
  if (result) result->wall_seconds = base::seconds(clock.monotonic_now() - started);
  return result;
}

std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/=:-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

// What to type to get the same result: nothing in it depends on how this run was made (threads, folder).
std::string reproduction(const RunFlags& flags, const Scenario& scenario) {
  std::string text = "gamenight run " + quoted(flags.scenario);
  for (const std::string& policy : flags.policies) text += " --policy " + quoted(policy);
  if (flags.duration) text += " --duration " + base::format_duration(*flags.duration);
  return text + " --seed " + base::format_number(scenario.seed);
}

base::Result<> write_results(const RunResult& result, const std::string& folder, const std::string& command_line) {
  const std::string json = run_json(result);
  const std::string decisions = decisions_ndjson(result);
  const auto html = report::render_html(json, decisions, command_line);
  if (!html) return html.error();
  const auto csv = report::render_csv(json);
  if (!csv) return csv.error();
  base::FileSet files(folder);
  for (const auto& [name, content] : {std::pair<std::string, const std::string&>("run.json", json),
                                      {"decisions.ndjson", decisions},
                                      {"timeseries.csv", *csv},
                                      {"report.html", *html}}) {
    if (auto added = files.add(name, content); !added) return added;
  }
  return files.commit();
}

// Whether results can be written there, before hours of replaying; creates nothing.
base::Result<> check_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::path existing = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(existing, error) && existing != existing.parent_path()) {
    existing = existing.parent_path();
  }
  const auto refuse = [&](const std::string& why) {
    return base::Error{base::ErrorCode::kInvalid, "--out " + folder.string() + ": " + existing.string() + why};
  };
  if (!std::filesystem::is_directory(existing, error)) return refuse(" is no folder");
  if (::access(existing.c_str(), W_OK) != 0) return refuse(" cannot be written to");
  return {};
}

}  // namespace

int run_command(const RunFlags& flags) {
  const auto scenario = load_scenario(flags.scenario, Overrides{flags.policies, flags.seed, flags.duration});
  if (!scenario) return complain(scenario.error(), kExitInvalid);
  const std::string folder = flags.out.empty() ? "out/" + scenario->name : flags.out;
  if (const auto ok = check_folder(folder); !ok) return complain(ok.error(), kExitInvalid);

  RunControl control;
  const auto result = replay(*scenario, flags, control);
  if (control.stop) {
    std::fputs("interrupted; nothing was written\n", stderr);
    return kExitInterrupted;
  }
  if (!result) {
    return complain(result.error(), result.error().code == base::ErrorCode::kInvalid ? kExitInvalid : kExitInternal);
  }
  // From here on it takes a moment: a Ctrl-C now must not leave old and new files mixed.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  if (const auto written = write_results(*result, folder, reproduction(flags, *scenario)); !written) {
    return complain(written.error(), kExitInternal);
  }
  if (!flags.quiet) {
    std::fputs(summary_text(*result).c_str(), stdout);
    std::fprintf(stdout, "\nreport: %s/report.html\n", folder.c_str());
  }
  return kExitOk;
}

int check_command(const CheckFlags& flags) {
  ExitCode code = kExitOk;
  for (const std::string& file : flags.files) {
    const auto scenario = load_scenario(file, Overrides{});
    if (scenario) {
      std::fprintf(stdout, "%s: ok\n", file.c_str());
    } else {
      code = kExitInvalid;
      std::fprintf(stderr, "%s\n", scenario.error().message.c_str());
    }
  }
  return code;
}

}  // namespace sim
