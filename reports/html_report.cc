#include "reports/html_report.h"

#include <fmt/format.h>

#include "reports/page_data.h"
#include "reports/page_sections.h"
#include "reports/page_text.h"
#include "reports/web_bundle.h"

namespace report {
namespace {

// Nothing may be fetched; the script and the style are in the page itself.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

std::string head(const RunFile& run) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{} – gamenight report</title>\n<style>\n{}</style>\n</head>\n",
      kContentSecurityPolicy, escape_html(run.scenario), report_css());
}

constexpr std::string_view kCharts =
    "<section id=\"charts\"><h2>Over time</h2><noscript><p>The charts need scripts; the tables do not.</p>"
    "</noscript><div id=\"stage\"></div></section>\n";

}  // namespace

base::Result<std::string> render_html(const std::string& run_json, const std::string& decisions_ndjson,
                                      const std::string& reproduce_command) {
  auto run = parse_run(run_json);
  if (!run) return run.error();
  auto data = pack_page_data(*run, decisions_ndjson);
  if (!data) return data.error();
  const std::vector<Finding> findings = examine(*run);
  std::string page = head(*run) + "<body>\n" + header_section(*run) + "<main>\n" + answer_section(*run, findings);
  page += kCharts;
  page += response_section(*run, findings) + cost_section(*run) + reproduce_section(*run, reproduce_command);
  page += "</main>\n<script type=\"application/octet-stream\" id=\"data\">";
  page += *data;
  page += "</script>\n<script>\n";
  page += report_js();
  page += "</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace report
