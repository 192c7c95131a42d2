// Header, response table, cost and reproduction of the page.
#include <fmt/format.h>

#include <algorithm>

#include "reports/measures.h"
#include "reports/page_sections.h"
#include "reports/page_text.h"

namespace report {
namespace {

constexpr std::size_t kMostEpisodes = 6;

std::string fact(const char* term, const std::string& value) {
  return value.empty() ? "" : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", term, escape_html(value));
}

struct Part {
  const char* kind;
  const char* words;
  double seconds;
};

// The answer to one crossing, cut into who was being waited for.
std::vector<Part> lag_parts(const Episode& episode) {
  std::vector<Part> parts;
  double from = *episode.crossed;
  const auto add = [&](const char* kind, const char* words, const std::optional<double>& to) {
    if (!to || *to <= from) return;
    parts.push_back({kind, words, *to - from});
    from = *to;
  };
  add("notice", "until the first raise", episode.followed);
  add("decide", "until enough was asked for", episode.enough);
  add("start", "until enough was ready", episode.restored.value_or(episode.whole.to));
  add("drain", "until latency was back", episode.calm);
  return parts;
}

std::string lag_bar(const Episode& episode, double longest) {
  if (!episode.crossed) return "demand stayed below capacity";
  std::string spans;
  std::string words;
  for (const Part& part : lag_parts(episode)) {
    spans +=
        fmt::format("<span class=\"part {}\" style=\"width:{:.2f}%\"></span>", part.kind, part.seconds / longest * 100);
    words += fmt::format("<span class=\"words {}\">{} {}</span>", part.kind, format_span(part.seconds), part.words);
  }
  return fmt::format("<div class=\"lag\" aria-hidden=\"true\">{}</div><div class=\"lagwords\">{}</div>", spans, words);
}

std::string since(const std::optional<double>& moment, const Episode& episode, const WallClock& clock) {
  if (!moment) return "–";
  if (!episode.crossed || *moment == *episode.crossed) return clock.at(*moment);
  return fmt::format("{} <small>+{}</small>", clock.at(*moment), format_span(*moment - *episode.crossed));
}

std::string episode_row(const RunFile& run, std::size_t p, const Episode& episode, double longest) {
  const WallClock clock(run);
  return fmt::format(
      "<tr data-from=\"{}\" data-to=\"{}\" data-policy=\"{}\"><th scope=\"row\">{}</th><td class=\"num\">{}</td>"
      "<td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td>"
      "<td class=\"num\">{} <small>{}</small></td><td>{}</td></tr>\n",
      episode.whole.from, episode.whole.to, p, policy_label(run, p),
      clock.at(episode.crossed.value_or(episode.whole.from)), since(episode.followed, episode, clock),
      episode.restored ? since(episode.restored, episode, clock) : (episode.crossed ? "not by the end" : "–"),
      format_span(episode.degraded_seconds), format_latency(episode.worst_p99_ms), clock.at(episode.worst_p99_at),
      lag_bar(episode, longest));
}

double longest_answer(const std::vector<Finding>& findings) {
  double longest = 1;
  for (const Finding& finding : findings) {
    for (const Episode& episode : finding.episodes) {
      if (!episode.crossed) continue;
      const double end = std::max(episode.restored.value_or(episode.whole.to), episode.calm.value_or(0));
      longest = std::max(longest, end - *episode.crossed);
    }
  }
  return longest;
}

// The worst ones, in order of time.
std::vector<Episode> worst_episodes(std::vector<Episode> episodes) {
  const auto worse = [](const Episode& a, const Episode& b) {
    return std::pair(a.degraded_seconds, a.worst_shortfall) > std::pair(b.degraded_seconds, b.worst_shortfall);
  };
  std::stable_sort(episodes.begin(), episodes.end(), worse);
  if (episodes.size() > kMostEpisodes) episodes.resize(kMostEpisodes);
  std::sort(episodes.begin(), episodes.end(),
            [](const Episode& a, const Episode& b) { return a.whole.from < b.whole.from; });
  return episodes;
}

std::string file_block(const std::string& title, const std::string& text) {
  if (text.empty()) return "";
  return fmt::format("<details><summary>{}</summary><pre tabindex=\"0\">{}</pre></details>\n", title,
                     escape_html(text));
}

std::string price_inputs(const RunFile& run) {
  if (!run.pod_hour_price && !run.node_hour_price) return "";
  std::string hours;
  for (const PolicyRun& policy : run.policies) {
    hours += fmt::format("{}{},{}", hours.empty() ? "" : ";", policy.number("podHours").value_or(0),
                         policy.number("nodeHours").value_or(0));
  }
  return fmt::format(
      "<p class=\"prices\" hidden data-hours=\"{}\">At other prices: a pod-hour costs "
      "<input type=\"number\" id=\"pod-price\" min=\"0\" step=\"any\" value=\"{}\" aria-label=\"Price of a "
      "pod-hour\">, "
      "a node-hour <input type=\"number\" id=\"node-price\" min=\"0\" step=\"any\" value=\"{}\" "
      "aria-label=\"Price of a node-hour\"></p>\n",
      hours, run.pod_hour_price.value_or(0), run.node_hour_price.value_or(0));
}

}  // namespace

std::string policy_label(const RunFile& run, std::size_t index) {
  return fmt::format(
      "<span class=\"policy p{}\"><svg class=\"swatch\" width=\"28\" height=\"10\" aria-hidden=\"true\">"
      "<line x1=\"1\" y1=\"5\" x2=\"27\" y2=\"5\"/></svg>{}</span>",
      index % 8, escape_html(run.policies[index].name));
}

std::string header_section(const RunFile& run) {
  const WallClock clock(run);
  std::string when = clock.date();
  if (!when.empty())
    when += fmt::format(", {} to {} ({})", clock.minute_at(0), clock.minute_at(run.duration), clock.zone());
  std::string slo;
  if (run.slo) slo = fmt::format("{} within {}", run.slo->percentile, format_limit(run.slo->latency_ms));
  return fmt::format(
      "<header class=\"top\"><div><h1>{}</h1><dl class=\"facts\">{}{}{}{}{}</dl></div>"
      "<button type=\"button\" id=\"theme\" hidden>Dark</button></header>\n",
      escape_html(run.scenario.empty() ? "unnamed scenario" : run.scenario), fact("When", when),
      fact("Length", format_span(run.duration)), fact("Objective", slo),
      fact("Requests", format_count(run.policies.front().number("requests").value_or(0))),
      fact("Seed", std::to_string(run.seed)));
}

std::string response_section(const RunFile& run, const std::vector<Finding>& findings) {
  const double longest = longest_answer(findings);
  std::string rows;
  std::size_t left_out = 0;
  for (std::size_t p = 0; p < findings.size(); ++p) {
    const std::vector<Episode> shown = worst_episodes(findings[p].episodes);
    left_out += findings[p].episodes.size() - shown.size();
    for (const Episode& episode : shown) rows += episode_row(run, p, episode, longest);
  }
  std::string body = "<p>No policy was ever short of capacity or over the latency objective.</p>";
  if (!rows.empty()) {
    body = fmt::format(
        "<div class=\"scroll\"><table class=\"response\"><thead><tr><th scope=\"col\">Policy</th>"
        "<th scope=\"col\" class=\"num\">Demand passed capacity</th><th scope=\"col\" class=\"num\">More asked for</th>"
        "<th scope=\"col\" class=\"num\">Capacity restored</th><th scope=\"col\" class=\"num\">Degraded</th>"
        "<th scope=\"col\" class=\"num\">Worst p99</th><th scope=\"col\">Where the time went</th></tr></thead>\n"
        "<tbody>\n{}</tbody></table></div>\n",
        rows);
  }
  if (left_out > 0) body += fmt::format("<p>{} lesser stretches are not listed.</p>", left_out);
  return fmt::format(
      "<section id=\"response\"><h2>Latency against replica response</h2><p class=\"note\">One row for each stretch in "
      "which demand was above the capacity of the ready pods, or latency over the objective.</p>{}</section>\n",
      body);
}

std::string cost_section(const RunFile& run) {
  const std::vector<Finding> none(run.policies.size());
  std::string head = "<th scope=\"col\">Policy</th>";
  std::vector<std::string> rows;
  for (std::size_t p = 0; p < run.policies.size(); ++p) {
    rows.push_back(fmt::format("<th scope=\"row\">{}</th>", policy_label(run, p)));
  }
  for (const Measure& measure : cost_measures()) {
    head += fmt::format("<th scope=\"col\" class=\"num\">{}</th>", measure.title);
    const std::vector<std::string> cells = measure_cells(measure, run, none);
    for (std::size_t p = 0; p < rows.size(); ++p) rows[p] += cells[p];
  }
  std::string body;
  for (const std::string& row : rows) body += "<tr>" + row + "</tr>\n";
  return fmt::format(
      "<section id=\"cost\"><h2>Cost</h2><div class=\"scroll\"><table class=\"cost\"><thead><tr>{}</tr></thead>\n"
      "<tbody>\n{}</tbody></table></div>{}</section>\n",
      head, body, price_inputs(run));
}

std::string reproduce_section(const RunFile& run, const std::string& command) {
  std::string body;
  if (!command.empty()) {
    body += fmt::format(
        "<p>The same scenario, seed and program give the same numbers, to the byte.</p><div class=\"command\">"
        "<code id=\"command\" tabindex=\"0\">{}</code><button type=\"button\" id=\"copy\" hidden>Copy</button></div>\n",
        escape_html(command));
  }
  body += fmt::format("<p>Scenario <b>{}</b>, seed <b>{}</b>.</p>\n", escape_html(run.scenario), run.seed);
  body += file_block("Scenario file", run.scenario_text);
  for (const PolicyRun& policy : run.policies) {
    body += file_block("Policy " + escape_html(policy.name), policy.text);
  }
  return fmt::format("<section id=\"reproduce\"><h2>Run it again</h2>{}</section>\n", body);
}

}  // namespace report
