#include "scaler/policy/keda/keda_formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/number_format.h"
#include "common/config/document.h"
#include "scaler/policy/keda/keda_formula_node.h"

namespace scaler {
namespace {

using Node = KedaFormula::Node;
using NodePtr = std::shared_ptr<const Node>;
using Type = FormulaType;

// Where the first complaint goes; parsing ends there.
struct Complaint {
  std::string message;
};

struct Token {
  enum class Kind { kEnd, kNumber, kName, kSymbol };
  Kind kind = Kind::kEnd;
  std::string text{};
  std::size_t at = 0;  // from 1
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

// The tree of a formula is walked recursively, and a chain of operators is as deep as it is long.
constexpr std::size_t kMostTokens = 1000;

// Splits into numbers, names and the symbols of the language.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> tokens() {
    std::vector<Token> all;
    do {
      all.push_back(next());
      if (all.size() <= kMostTokens || all.back().kind == Token::Kind::kEnd) continue;
      throw Complaint{fmt::format("the formula has more than {} numbers, names and symbols", kMostTokens)};
    } while (all.back().kind != Token::Kind::kEnd);
    return all;
  }

 private:
  Token next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ >= text_.size()) return {Token::Kind::kEnd, "the end", at_ + 1};
    const char c = text_[at_];
    const bool starts_fraction = c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
    if (is_digit(c) || starts_fraction) return number();
    if (is_letter(c)) return name();
    static constexpr std::array<std::string_view, 8> kLong = {"**", "==", "!=", "<=", ">=", "&&", "||", "??"};
    for (const std::string_view symbol : kLong) {
      if (text_.substr(at_, 2) == symbol) return take(Token::Kind::kSymbol, 2);
    }
    if (std::string_view("+-*/%^<>!?:()[]{},#").find(c) != std::string_view::npos) {
      return take(Token::Kind::kSymbol, 1);
    }
    throw Complaint{fmt::format("\"{}\" at character {} is not supported", c, at_ + 1)};
  }

  Token number() {
    std::size_t end = at_;
    const auto digits = [&] {
      while (end < text_.size() && is_digit(text_[end])) ++end;
    };
    digits();
    if (end < text_.size() && text_[end] == '.') {
      ++end;
      digits();
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      ++end;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      digits();
    }
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    return take(Token::Kind::kNumber, end - at_);
  }

  Token name() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    return take(Token::Kind::kName, end - at_);
  }

  Token take(Token::Kind kind, std::size_t length) {
    Token token{kind, std::string(text_.substr(at_, length)), at_ + 1};
    at_ += length;
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Precedences of the language: higher binds tighter.
struct Operator {
  const char* text;
  int precedence;
  bool right_first = false;
};
constexpr std::array kOperators = {
    Operator{"||", 10}, Operator{"&&", 15}, Operator{"==", 20}, Operator{"!=", 20},        Operator{"<", 20},
    Operator{">", 20},  Operator{"<=", 20}, Operator{">=", 20}, Operator{"+", 30},         Operator{"-", 30},
    Operator{"*", 60},  Operator{"/", 60},  Operator{"%", 60},  Operator{"**", 100, true}, Operator{"??", 500}};
constexpr int kNotPrecedence = 50;
constexpr int kSignPrecedence = 90;
constexpr int kDeepest = 100;  // nested parentheses, lists, calls and signs

class Parser {
 public:
  Parser(std::vector<Token> tokens, const std::vector<std::string>& names)
      : tokens_(std::move(tokens)), names_(names) {}

  NodePtr parse() {
    NodePtr root = expression();
    if (token().kind != Token::Kind::kEnd) unsupported(token());
    if (root->type == Type::kBool || root->type == Type::kList) {
      throw Complaint{"the result must be a number; cond ? 1 : 0 makes one of a condition"};
    }
    return root;
  }

 private:
  const Token& token() const { return tokens_[next_]; }
  bool sees(const char* symbol) const { return token().kind == Token::Kind::kSymbol && token().text == symbol; }

  bool accept(const char* symbol) {
    if (!sees(symbol)) return false;
    ++next_;
    return true;
  }

  void expect(const char* symbol) {
    if (accept(symbol)) return;
    throw Complaint{fmt::format("\"{}\" at character {}: expected \"{}\"", token().text, token().at, symbol)};
  }

  [[noreturn]] static void unsupported(const Token& token) {
    if (token.kind == Token::Kind::kEnd) throw Complaint{"the formula ends too early"};
    throw Complaint{fmt::format("\"{}\" at character {} is not supported here", token.text, token.at)};
  }

  static NodePtr make(Node node) { return std::make_shared<const Node>(std::move(node)); }

  NodePtr expression() {
    if (++depth_ > kDeepest) throw Complaint{"the formula is nested too deeply"};
    NodePtr node = binary(0);
    if (sees("?")) {
      const Token question = token();
      ++next_;
      need_bool(*node, question);
      NodePtr yes = expression();
      expect(":");
      NodePtr no = expression();
      const Type type = common(yes->type, no->type);
      node = make({.kind = Node::Kind::kChoice, .type = type, .children = {std::move(node), yes, no}});
    }
    --depth_;
    return node;
  }

  // "and", "or" and "^" are other spellings.
  const Operator* infix() const {
    if (token().kind != Token::Kind::kSymbol && token().kind != Token::Kind::kName) return nullptr;
    const std::string text = token().text == "and"  ? "&&"
                             : token().text == "or" ? "||"
                             : token().text == "^"  ? "**"
                                                    : token().text;
    const auto found =
        std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& o) { return o.text == text; });
    return found == kOperators.end() ? nullptr : &*found;
  }

  NodePtr binary(int least) {
    NodePtr left = unary();
    for (const Operator* op = infix(); op != nullptr && op->precedence >= least; op = infix()) {
      const Token at = token();
      ++next_;
      NodePtr right = binary(op->right_first ? op->precedence : op->precedence + 1);
      const Type type = type_of(*op, *left, *right, at);
      left = make({.kind = Node::Kind::kBinary, .type = type, .text = op->text, .children = {std::move(left), right}});
    }
    return left;
  }

  NodePtr unary() {
    const Token at = token();
    const bool negation = sees("!") || (at.kind == Token::Kind::kName && at.text == "not");
    if (!negation && !sees("-") && !sees("+")) return primary();
    if (++depth_ > kDeepest) throw Complaint{"the formula is nested too deeply"};
    ++next_;
    NodePtr operand = binary(negation ? kNotPrecedence : kSignPrecedence);
    --depth_;
    if (negation) {
      need_bool(*operand, at);
    } else {
      need_number(*operand, at);
    }
    const Type type = operand->type;
    return make({.kind = Node::Kind::kUnary, .type = type, .text = negation ? "!" : at.text, .children = {operand}});
  }

  NodePtr primary() {
    const Token at = token();
    ++next_;
    if (at.kind == Token::Kind::kNumber) return number(at);
    if (at.kind == Token::Kind::kName) return named(at);
    if (at.kind == Token::Kind::kSymbol && at.text == "(") {
      NodePtr inner = expression();
      expect(")");
      return inner;
    }
    if (at.kind == Token::Kind::kSymbol && at.text == "[") return list();
    if (at.kind == Token::Kind::kSymbol && at.text == "#" && in_condition_) {
      return make({.kind = Node::Kind::kElement, .type = Type::kNumber});
    }
    unsupported(at);
  }

  static NodePtr number(const Token& at) {
    const std::string text = at.text.front() == '.' ? "0" + at.text : at.text;
    const auto value = base::parse_double(text);
    if (!value) throw Complaint{fmt::format("\"{}\" at character {} is no number", at.text, at.at)};
    const bool is_whole = text.find_first_of(".eE") == std::string::npos;
    return make({.type = is_whole ? Type::kWhole : Type::kFraction, .number = *value});
  }

  NodePtr named(const Token& at) {
    if (at.text == "nil") return make({.kind = Node::Kind::kNil, .type = Type::kNil});
    if (at.text == "true" || at.text == "false") {
      return make({.type = Type::kBool, .number = at.text == "true" ? 1.0 : 0.0});
    }
    if (accept("(")) return call(at);
    if (contains(names_, at.text)) {
      return make({.kind = Node::Kind::kTrigger, .type = Type::kFraction, .text = at.text});
    }
    const std::string meant = config::did_you_mean(at.text, names_);
    throw Complaint{fmt::format("\"{}\" at character {} is no trigger's name; triggers with a name: {}{}", at.text,
                                at.at, names_.empty() ? "none" : joined(names_),
                                meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant))};
  }

  NodePtr list() {
    Node node{.kind = Node::Kind::kList, .type = Type::kList};
    while (!sees("]")) {
      const Token at = token();
      node.children.push_back(expression());
      need_number(*node.children.back(), at);
      if (!accept(",")) break;
    }
    expect("]");
    return make(std::move(node));
  }

  NodePtr call(const Token& at) {
    if (contains(formula_conditions(), at.text)) return count(at);
    if (!contains(formula_functions(), at.text)) {
      throw Complaint{fmt::format("function \"{}\" at character {} is not supported; there are {}, {}", at.text, at.at,
                                  joined(formula_functions()), joined(formula_conditions()))};
    }
    Node node{.kind = Node::Kind::kCall, .text = at.text};
    while (!sees(")")) {
      const Token argument = token();
      node.children.push_back(expression());
      if (node.children.back()->type != Type::kList) need_number(*node.children.back(), argument);
      if (!accept(",")) break;
    }
    expect(")");
    node.type = type_of_call(at, node.children);
    return make(std::move(node));
  }

  NodePtr count(const Token& at) {
    NodePtr entries = expression();
    if (entries->type != Type::kList) throw Complaint{fmt::format("{}() at character {} needs a list", at.text, at.at)};
    expect(",");
    const bool braces = accept("{");
    const bool outer = std::exchange(in_condition_, true);
    const Token where = token();
    NodePtr condition = expression();
    need_bool(*condition, where);
    in_condition_ = outer;
    if (braces) expect("}");
    expect(")");
    const Type type = at.text == "count" ? Type::kWhole : Type::kBool;
    return make({.kind = Node::Kind::kCount, .type = type, .text = at.text, .children = {entries, condition}});
  }

  static bool may_be_number(Type type) { return type != Type::kBool && type != Type::kList && type != Type::kNil; }

  static void need_number(const Node& node, const Token& at) {
    if (may_be_number(node.type)) return;
    throw Complaint{fmt::format("\"{}\" at character {}: expected a number", at.text, at.at)};
  }

  static void need_bool(const Node& node, const Token& at) {
    if (node.type == Type::kBool || node.type == Type::kAny) return;
    throw Complaint{fmt::format("\"{}\" at character {}: expected a condition", at.text, at.at)};
  }

  static Type common(Type a, Type b) {
    if (a == b) return a;
    const auto number = [](Type type) {
      return type == Type::kWhole || type == Type::kFraction || type == Type::kNumber;
    };
    return number(a) && number(b) ? Type::kNumber : Type::kAny;
  }

  static Type type_of(const Operator& op, const Node& left, const Node& right, const Token& at) {
    const std::string_view text = op.text;
    if (text == "??") return left.type == Type::kNil ? right.type : common(left.type, right.type);
    if (text == "==" || text == "!=") return Type::kBool;
    if (text == "&&" || text == "||") {
      need_bool(left, at);
      need_bool(right, at);
      return Type::kBool;
    }
    need_number(left, at);
    need_number(right, at);
    if (text == "%" && (left.type == Type::kFraction || right.type == Type::kFraction)) {
      throw Complaint{fmt::format("\"%\" at character {} takes whole numbers; int(x) makes one", at.at)};
    }
    if (op.precedence == 20) return Type::kBool;
    if (text == "/" || text == "**") return Type::kFraction;
    return common(left.type, right.type);
  }

  static Type type_of_call(const Token& at, const std::vector<NodePtr>& arguments) {
    static const std::vector<std::string> kOfOne = {"abs", "ceil", "float", "floor", "int", "round"};
    const bool of_one = contains(kOfOne, at.text);
    const bool has_list =
        std::any_of(arguments.begin(), arguments.end(), [](const NodePtr& a) { return a->type == Type::kList; });
    if (arguments.empty() || (arguments.size() > 1 && (of_one || has_list)) || (of_one && has_list)) {
      throw Complaint{fmt::format("{}() at character {} takes {}", at.text, at.at,
                                  of_one ? "one number" : "numbers, or one list of numbers")};
    }
    if (at.text == "int") return Type::kWhole;
    if (at.text == "abs") return arguments[0]->type;
    if (at.text == "max" || at.text == "min" || at.text == "sum") return Type::kNumber;
    return Type::kFraction;
  }

  std::vector<Token> tokens_;
  const std::vector<std::string>& names_;
  std::size_t next_ = 0;
  int depth_ = 0;
  bool in_condition_ = false;
};

}  // namespace

base::Result<KedaFormula> KedaFormula::parse(std::string_view text, const std::vector<std::string>& names) {
  try {
    return KedaFormula(Parser(Lexer(text).tokens(), names).parse());
  } catch (const Complaint& complaint) {
    return base::Error{base::ErrorCode::kInvalid, complaint.message};
  }
}

}  // namespace scaler
