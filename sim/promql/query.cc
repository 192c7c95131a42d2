#include "sim/promql/query.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "sim/promql/expression.h"

namespace sim {
namespace {

// Deeper than any query that a person writes, and no danger to the stack.
constexpr int kDeepest = 64;

struct NoQuery {
  std::size_t at;  // from 0
  std::string what;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  PromNode parse() {
    PromNode root = sum();
    skip();
    if (at_ != text_.size()) fail("expected an operator or the end");
    return root;
  }
  std::set<std::string> metrics;
  base::Duration reach = kPromLookback;

 private:
  [[noreturn]] void fail(const std::string& what) const { throw NoQuery{at_, what}; }

  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected \"") + c + "\"");
  }
  std::string word() {
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > begin && is_digit(text_[at_])))) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  PromNode sum() {
    PromNode left = product();
    for (;;) {
      const char op = take('+') ? '+' : take('-') ? '-' : '\0';
      if (op == '\0') return left;
      left = prom_binary(op, std::move(left), product());
    }
  }
  PromNode product() {
    PromNode left = factor();
    for (;;) {
      const char op = take('*') ? '*' : take('/') ? '/' : '\0';
      if (op == '\0') return left;
      left = prom_binary(op, std::move(left), factor());
    }
  }

  PromNode factor() {
    if (++depth_ > kDeepest) fail("nested too deeply");
    PromNode node = inner();
    --depth_;
    return node;
  }
  PromNode inner() {
    if (take('-')) return prom_binary('*', prom_number(-1), factor());
    if (take('(')) {
      PromNode node = sum();
      expect(')');
      return node;
    }
    skip();
    if (at_ == text_.size()) fail("expected a metric, a function or a number, the query ends");
    if (is_digit(text_[at_]) || text_[at_] == '.') return number();
    const std::size_t begin = at_;
    const std::string name = word();
    if (name.empty()) fail("expected a metric, a function or a number");
    skip();
    if (at_ < text_.size() && text_[at_] == '(') return call(name, begin);
    if (name == "sum" || name == "avg" || name == "max" || name == "min" || name == "count") {
      fail("expected \"(\": grouping by labels is not supported");
    }
    PromSelector selector = select(name);
    if (selector.window) {
      at_ = begin;
      fail("a range such as [1m] must stand inside rate, irate or increase");
    }
    return prom_instant(std::move(selector));
  }

  PromNode number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    }
    const auto value = base::parse_double(text_.substr(begin, at_ - begin));
    if (value) return prom_number(*value);
    at_ = begin;
    fail("expected a number");
  }

  PromNode call(const std::string& name, std::size_t begin) {
    expect('(');
    const std::pair<const char*, PromAggregation> aggregations[] = {{"sum", PromAggregation::kSum},
                                                                    {"avg", PromAggregation::kAvg},
                                                                    {"max", PromAggregation::kMax},
                                                                    {"min", PromAggregation::kMin},
                                                                    {"count", PromAggregation::kCount}};
    for (const auto& [known, how] : aggregations) {
      if (name != known) continue;
      PromNode of = sum();
      expect(')');
      after_aggregate();
      return prom_aggregate(how, std::move(of));
    }
    const std::pair<const char*, PromRange> ranges[] = {
        {"rate", PromRange::kRate}, {"irate", PromRange::kIrate}, {"increase", PromRange::kIncrease}};
    for (const auto& [known, function] : ranges) {
      if (name != known) continue;
      skip();
      const std::size_t inside = at_;
      const std::string metric = word();
      PromSelector selector = select(metric);
      if (metric.empty() || !selector.window) {
        at_ = inside;
        fail(name + " takes a metric with a range, such as " + name + "(http_requests_total[1m])");
      }
      expect(')');
      return prom_over_range(function, std::move(selector));
    }
    at_ = begin;
    fail("no function \"" + name + "\"; there are sum, avg, max, min, count, rate, irate, increase");
  }
  void after_aggregate() {
    const std::size_t here = at_;
    const std::string next = word();
    at_ = here;
    skip();
    if (next == "by" || next == "without") fail("grouping by labels is not supported");
    at_ = here;
  }

  PromSelector select(const std::string& metric) {
    PromSelector selector;
    selector.metric = metric;
    if (take('{') && !take('}')) {
      do {
        selector.matchers.push_back(matcher());
      } while (take(','));
      expect('}');
    }
    if (take('[')) {
      selector.window = window();
      expect(']');
      reach = std::max(reach, *selector.window);
    }
    metrics.insert(metric);
    return selector;
  }

  PromMatcher matcher() {
    PromMatcher matcher;
    matcher.label = word();
    if (matcher.label.empty()) fail("expected a label");
    skip();
    const std::string_view rest = text_.substr(at_);
    const std::pair<const char*, PromMatcher::Kind> operators[] = {{"=~", PromMatcher::Kind::kMatches},
                                                                   {"!~", PromMatcher::Kind::kMatchesNot},
                                                                   {"!=", PromMatcher::Kind::kNotEqual},
                                                                   {"=", PromMatcher::Kind::kEqual}};
    const auto* const found = std::find_if(std::begin(operators), std::end(operators),
                                           [rest](const auto& op) { return rest.starts_with(op.first); });
    if (found == std::end(operators)) fail("expected =, !=, =~ or !~");
    at_ += std::string_view(found->first).size();
    matcher.kind = found->second;
    skip();
    const std::size_t begin = at_;
    matcher.text = quoted();
    if (matcher.kind == PromMatcher::Kind::kMatches || matcher.kind == PromMatcher::Kind::kMatchesNot) {
      try {
        matcher.pattern = std::regex(matcher.text, std::regex::ECMAScript | std::regex::nosubs);
      } catch (const std::regex_error&) {
        at_ = begin;
        fail("expected a regular expression");
      }
    }
    return matcher;
  }

  std::string quoted() {
    if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) fail("expected a text in quotation marks");
    const char mark = text_[at_++];
    std::string value;
    while (at_ < text_.size() && text_[at_] != mark) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    if (at_ == text_.size()) fail("the text does not end");
    ++at_;
    return value;
  }

  base::Duration window() {
    skip();
    const std::size_t begin = at_;
    base::Duration sum{};
    while (at_ < text_.size() && is_digit(text_[at_])) sum += one_duration(begin);
    if (sum > base::Duration::zero()) return sum;
    at_ = begin;
    fail("expected a duration such as 1m");
  }
  base::Duration one_duration(std::size_t begin) {
    const std::size_t number_at = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    const auto n = base::parse_int64(text_.substr(number_at, at_ - number_at));
    const std::pair<const char*, base::Duration> units[] = {
        {"ms", std::chrono::milliseconds(1)}, {"s", std::chrono::seconds(1)}, {"m", std::chrono::minutes(1)},
        {"h", std::chrono::hours(1)},         {"d", std::chrono::days(1)},    {"w", std::chrono::weeks(1)}};
    for (const auto& [unit, length] : units) {
      // Long enough for any query, short enough not to overflow.
      constexpr std::int64_t kMost = 1'000'000;
      if (!n || *n > kMost || *n * length > std::chrono::days(366)) break;
      if (!text_.substr(at_).starts_with(unit)) continue;
      at_ += std::string_view(unit).size();
      return *n * length;
    }
    at_ = begin;
    fail("expected a duration such as 1m, of a year at the most");
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

base::Result<PromQuery> PromQuery::parse(std::string_view text) {
  Parser parser(text);
  try {
    PromQuery query;
    query.root_ = parser.parse();
    query.metrics_ = std::move(parser.metrics);
    query.reach_ = parser.reach;
    return query;
  } catch (const NoQuery& error) {
    return base::Error{base::ErrorCode::kInvalid,
                       "at character " + base::format_number(std::uint64_t{error.at + 1}) + ": " + error.what};
  }
}

PromValue PromQuery::evaluate(const PromStore& store, base::Time at) const { return root_->evaluate(store, at); }

}  // namespace sim
