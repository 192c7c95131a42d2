// The verdict: one lead sentence, one row a policy, when it was too slow, and what happened in words.
#include <fmt/format.h>

#include <algorithm>

#include "reports/measures.h"
#include "reports/page_sections.h"
#include "reports/page_text.h"

namespace report {
namespace {

double degradation(const PolicyRun& policy) { return policy.number("degradationSeconds").value_or(0); }

std::string objective(const RunFile& run) {
  return run.slo ? fmt::format("{} within {}", escape_html(run.slo->percentile), format_limit(run.slo->latency_ms))
                 : "its latency objective";
}

std::string bold(const PolicyRun& policy) { return "<strong>" + escape_html(policy.name) + "</strong>"; }

// "a", "a and b", "a, b and c"
std::string joined(const std::vector<const PolicyRun*>& policies) {
  std::string text;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (i > 0) text += i + 1 == policies.size() ? " and " : ", ";
    text += bold(*policies[i]);
  }
  return text;
}

std::string lead_sentence(const RunFile& run) {
  const auto less = [](const PolicyRun& a, const PolicyRun& b) { return degradation(a) < degradation(b); };
  const auto [best, worst] = std::minmax_element(run.policies.begin(), run.policies.end(), less);
  const std::string bad = format_span(degradation(*worst));
  std::vector<const PolicyRun*> held;
  for (const PolicyRun& policy : run.policies) {
    if (degradation(policy) == 0) held.push_back(&policy);
  }
  const std::size_t count = run.policies.size();
  if (held.size() == count) {
    return fmt::format("{} kept {} throughout.", count == 1 ? bold(*best) : "Every policy", objective(run));
  }
  if (count == 1) return fmt::format("{} missed {} for {}.", bold(*worst), objective(run), bad);
  const char* most = count - held.size() > 1 ? ", the longest" : "";
  if (!held.empty()) {
    return fmt::format("{} kept {} throughout; {} missed it for {}{}.", joined(held), objective(run), bold(*worst), bad,
                       most);
  }
  return fmt::format("No policy kept {} throughout: {} missed it for {}, the shortest, {} for {}, the longest.",
                     objective(run), bold(*best), format_span(degradation(*best)), bold(*worst), bad);
}

std::string answer_table(const RunFile& run, const std::vector<Finding>& findings) {
  std::string head = "<th scope=\"col\">Policy</th><th scope=\"col\">Verdict</th>";
  std::vector<std::string> rows;
  for (std::size_t p = 0; p < run.policies.size(); ++p) {
    const bool held = degradation(run.policies[p]) == 0;
    rows.push_back(fmt::format("<th scope=\"row\">{}</th><td><span class=\"verdict {}\">{}</span></td>",
                               policy_label(run, p), held ? "held" : "missed", held ? "✓ held" : "✗ missed"));
  }
  for (const Measure& measure : answer_measures()) {
    head += fmt::format("<th scope=\"col\" class=\"num\">{}</th>", measure.title);
    const std::vector<std::string> cells = measure_cells(measure, run, findings);
    for (std::size_t p = 0; p < rows.size(); ++p) rows[p] += cells[p];
  }
  std::string body;
  for (const std::string& row : rows) body += "<tr>" + row + "</tr>\n";
  return fmt::format(
      "<div class=\"scroll\"><table class=\"answer\"><caption class=\"hidden\">Results, one row a policy</caption>"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      head, body);
}

struct Frame {
  double from = 0;
  double span = 1;
  std::string left(double t) const { return fmt::format("{:.3f}%", std::clamp((t - from) / span, 0.0, 1.0) * 100); }
  std::string width(const Interval& i) const {
    return fmt::format("{:.3f}%", std::clamp((i.to - i.from) / span, 0.0, 1.0) * 100);
  }
};

std::string bar(const Frame& frame, const Interval& interval, const char* kind, const std::string& title) {
  return fmt::format("<span class=\"bar {}\" style=\"left:{};width:{}\" title=\"{}\"></span>", kind,
                     frame.left(interval.from), frame.width(interval), title);
}

std::string ribbon_row(const RunFile& run, std::size_t p, const Finding& finding, const Frame& frame) {
  const WallClock clock(run);
  std::string bars;
  for (const Episode& episode : finding.episodes) {
    if (!episode.crossed) continue;
    const Interval interval{*episode.crossed, episode.restored.value_or(episode.whole.to)};
    bars += bar(frame, interval, "short",
                fmt::format("short of capacity {} to {}", clock.at(interval.from), clock.at(interval.to)));
  }
  for (const Interval& interval : finding.degraded) {
    bars +=
        bar(frame, interval, "slow", fmt::format("too slow {} to {}", clock.at(interval.from), clock.at(interval.to)));
  }
  const double seconds = degradation(run.policies[p]);
  return fmt::format("<div class=\"name\">{}</div><div class=\"track\">{}</div><div class=\"total\">{}</div>\n",
                     policy_label(run, p), bars, seconds == 0 ? "none" : format_span(seconds));
}

std::string ribbon_axis(const RunFile& run, const Frame& frame) {
  const WallClock clock(run);
  std::string ticks;
  const double step = tick_step(frame.span, 8);
  for (double t = clock.first_multiple(frame.from, step); t <= frame.from + frame.span; t += step) {
    ticks += fmt::format("<span class=\"tick\" style=\"left:{}\">{}</span>", frame.left(t), clock.minute_at(t));
  }
  return fmt::format("<div class=\"name\"></div><div class=\"axis\" aria-hidden=\"true\">{}</div><div></div>\n", ticks);
}

std::string ribbon(const RunFile& run, const std::vector<Finding>& findings) {
  Frame frame;
  const std::vector<double>& t = run.policies.front().series.t;
  if (t.empty()) return "";
  frame.from = t.front();
  frame.span = std::max(1.0, std::max(run.duration, t.back()) - t.front());
  std::string rows;
  for (std::size_t p = 0; p < findings.size(); ++p) rows += ribbon_row(run, p, findings[p], frame);
  return fmt::format(
      "<h3>When it was too slow</h3><div class=\"ribbon\" role=\"group\" aria-label=\"When each policy was too "
      "slow\">\n"
      "{}{}</div><p class=\"key\"><span class=\"sample slow\"></span> over the latency objective "
      "<span class=\"sample short\"></span> demand above the capacity of the ready pods</p>\n",
      rows, ribbon_axis(run, frame));
}

std::string response_sentence(const Episode& episode, bool one_of_many, const WallClock& clock) {
  if (!episode.crossed) return "";
  std::string text = fmt::format(" {} passed its capacity at {}", one_of_many ? "At the worst time, demand" : "Demand",
                                 clock.at(*episode.crossed));
  if (episode.followed) {
    const double lag = *episode.followed - *episode.crossed;
    text += lag > 0 ? fmt::format("; it first asked for more {} later", format_span(lag))
                    : std::string("; more had been asked for already");
  }
  if (episode.enough && *episode.enough > *episode.crossed) {
    text += fmt::format(", for enough {} after the crossing", format_span(*episode.enough - *episode.crossed));
  }
  text += episode.restored ? fmt::format(", and had capacity above demand again after {}.",
                                         format_span(*episode.restored - *episode.crossed))
                           : std::string(", and stayed short until the end.");
  return text;
}

std::string story(const RunFile& run, std::size_t p, const Finding& finding) {
  const PolicyRun& policy = run.policies[p];
  const WallClock clock(run);
  std::string text = bold(policy);
  if (finding.degraded.empty()) {
    text += fmt::format(" kept {} throughout.", objective(run));
  } else {
    const std::size_t n = finding.degraded.size();
    text += fmt::format(" was over {} ({}) for {} from {} to {}{}.", format_limit(run.slo->latency_ms),
                        escape_html(run.slo->percentile), format_span(degradation(policy)),
                        clock.at(finding.degraded.front().from), clock.at(finding.degraded.back().to),
                        n == 1 ? "" : fmt::format(", in {} stretches", n));
  }
  const auto worse = [](const Episode& a, const Episode& b) {
    return std::pair(a.degraded_seconds, a.worst_shortfall) < std::pair(b.degraded_seconds, b.worst_shortfall);
  };
  const auto worst = std::max_element(finding.episodes.begin(), finding.episodes.end(), worse);
  if (worst != finding.episodes.end()) text += response_sentence(*worst, finding.episodes.size() > 1, clock);
  const double failed = policy.number("failed").value_or(0);
  if (failed > 0) {
    const double share = failed / std::max(1.0, policy.number("requests").value_or(1));
    text += fmt::format(" {} requests failed ({}).", format_count(failed), format_share(share));
  }
  return "<li>" + text + "</li>\n";
}

}  // namespace

std::vector<Finding> examine(const RunFile& run) {
  std::vector<Finding> findings;
  for (const PolicyRun& policy : run.policies) {
    Finding& finding = findings.emplace_back();
    if (run.slo) finding.degraded = degraded_intervals(policy.series, *run.slo);
    finding.episodes = find_episodes(policy.series, run.slo);
  }
  return findings;
}

std::string answer_section(const RunFile& run, const std::vector<Finding>& findings) {
  std::string stories;
  for (std::size_t p = 0; p < findings.size(); ++p) stories += story(run, p, findings[p]);
  return fmt::format(
      "<section id=\"answer\"><h2 class=\"hidden\">The answer</h2><p class=\"lead\">{}</p>\n{}{}"
      "<h3>What happened</h3><ul class=\"stories\">\n{}</ul></section>\n",
      lead_sentence(run), answer_table(run, findings), ribbon(run, findings), stories);
}

}  // namespace report
