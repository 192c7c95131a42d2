#include "fake-apiserver/security/authenticator.h"

#include <algorithm>

namespace fakeapi {
namespace {

constexpr const char* kAuthenticated = "system:authenticated";

// The fields of one line of CSV (RFC 4180); nullopt for a quote that does not end.
std::optional<std::vector<std::string>> fields_of(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line.substr(i, 2) == "\"\"") {
      fields.back() += '"';
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else if (quoted || !fields.back().empty() || line[i] != ' ') {
      fields.back() += line[i];
    }
  }
  if (quoted) return std::nullopt;
  return fields;
}

std::vector<std::string> split_groups(const std::string& text) {
  std::vector<std::string> groups;
  std::size_t at = 0;
  while (at <= text.size() && !text.empty()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    groups.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return groups;
}

// The credentials of "Bearer x", whatever the case of the scheme; "" if there are none.
std::string bearer_token(const http::Request& request) {
  const std::string_view header = request.headers.get("Authorization").value_or("");
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size()) return "";
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = header[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return "";
  }
  std::string_view token = header.substr(kScheme.size());
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  return std::string(token.substr(0, token.find(' ')));
}

User with_authenticated(User user) {
  if (std::find(user.groups.begin(), user.groups.end(), kAuthenticated) == user.groups.end()) {
    user.groups.emplace_back(kAuthenticated);
  }
  return user;
}

// Takes the same time wherever the first difference is.
bool equal_secrets(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace

base::Result<std::map<std::string, User>> parse_token_file(std::string_view text) {
  std::map<std::string, User> users;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const auto fail = [&](const std::string& why) {
      return base::Error{base::ErrorCode::kInvalid, "token file, line " + std::to_string(number) + ": " + why};
    };
    const auto fields = fields_of(line);
    if (!fields) return fail("a quoted field does not end");
    if (fields->size() < 3) return fail("expected token, user name and uid");
    if (fields->at(0).empty()) return fail("the token is empty");
    User user;
    user.name = fields->at(1);
    user.uid = fields->at(2);
    user.groups = fields->size() > 3 ? split_groups(fields->at(3)) : std::vector<std::string>();
    if (!users.emplace(fields->at(0), std::move(user)).second) return fail("the token stands there twice");
  }
  return users;
}

StatusError unauthorized() {
  StatusError error;
  error.code = 401;
  error.reason = "Unauthorized";
  error.message = "Unauthorized";
  return error;
}

Authenticator::Authenticator(ServiceAccountTokens& tokens, AuthenticationOptions options)
    : service_accounts_(tokens), options_(std::move(options)) {}

ApiResult<User> Authenticator::authenticate(const http::Request& request) {
  const auto& certificate = request.peer.certificate;
  bool refused = certificate && !certificate->fault.empty();
  if (certificate && !refused && !certificate->common_name.empty()) {
    User user;
    user.name = certificate->common_name;
    user.groups = certificate->organizations;
    return with_authenticated(std::move(user));
  }
  if (const std::string token = bearer_token(request); !token.empty()) {
    auto user = user_of_token(token, {}, nullptr);
    if (user) return std::move(*user);
    refused = true;
  }
  if (refused || !options_.anonymous) return unauthorized();
  return User();
}

std::optional<User> Authenticator::user_of_token(const std::string& token, const std::vector<std::string>& audiences,
                                                 std::vector<std::string>* matched) {
  std::optional<User> user;
  if (!options_.admin_token.empty() && equal_secrets(token, options_.admin_token)) {
    user.emplace();
    user->name = "kubernetes-admin";
    user->groups = {"system:masters"};
  } else if (const auto found = options_.tokens.find(token); found != options_.tokens.end()) {
    user = found->second;
  }
  if (user) {
    // Tokens without an audience are for the API itself.
    const auto& own = service_accounts_.audiences();
    std::vector<std::string> common;
    for (const std::string& wanted : audiences.empty() ? own : audiences) {
      if (std::find(own.begin(), own.end(), wanted) != own.end()) common.push_back(wanted);
    }
    if (common.empty()) return std::nullopt;
    if (matched != nullptr) *matched = common;
  } else {
    user = service_accounts_.authenticate(token, audiences, matched);
  }
  if (!user) return std::nullopt;
  return with_authenticated(std::move(*user));
}

}  // namespace fakeapi
