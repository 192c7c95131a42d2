#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

Timers::~Timers() {
  for (const auto& [token, id] : pending_) clock_.cancel(id);
}

Timers::Token Timers::call_at(base::Time at, std::function<void()> fn) {
  const Token token = ++last_;
  pending_[token] = clock_.call_at(at, [this, token, call = std::move(fn)] {
    pending_.erase(token);
    call();
  });
  return token;
}

void Timers::cancel(Token token) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return;
  clock_.cancel(found->second);
  pending_.erase(found);
}

}  // namespace fakeapi
