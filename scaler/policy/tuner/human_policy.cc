#include "scaler/policy/tuner/human_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/check.h"
#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/tuner/minimum_decision.h"

namespace scaler {
namespace {

std::string since_plan(base::Time at, base::Time planned) { return base::format_duration(at - planned); }

}  // namespace

HumanPolicy::HumanPolicy(const PolicySpec& spec, std::uint64_t seed)
    : name_(spec.name),
      target_(spec.target_path()),
      rules_(std::get<HumanOperatorSpec>(spec.rules)),
      person_(base::Random(seed).fork("HumanOperator").fork(spec.ns + "/" + spec.name)) {
  for (const ShiftSpec& shift : rules_.shifts) {
    Course course;
    course.spec = shift;
    if (!shift.at) {
      const auto cron = Cron::parse(shift.cron);
      course.zone = TimeZone::find(shift.time_zone);
      CHECK(cron && course.zone, "the reader checks cron and timeZone");
      course.cron = *cron;
    }
    courses_.push_back(std::move(course));
  }
}

MetricNeeds HumanPolicy::needs() const { return {}; }

std::optional<Game> HumanPolicy::game_after(const Course& course, base::Time begins) const {
  if (course.spec.at) return *course.spec.at > begins ? std::optional(Game{*course.spec.at}) : std::nullopt;
  const auto next = course.cron->next(begins, *course.zone);
  return next ? std::optional(Game{*next}) : std::nullopt;
}

// From the first round on. A game that is over counts as long as its floor may not be lowered yet.
void HumanPolicy::begin(const HpaObservation& hpa, base::Time now) {
  begun_ = true;
  const base::Duration back = longest_lowering(rules_);
  for (Course& course : courses_) course.next = game_after(course, now - course.spec.duration - back);
  plan(now);
  remember_deeds(hpa, now);
  if (base_) return;
  const bool is_raised = std::any_of(floors_.begin(), floors_.end(), [&](const Floor& held) {
    return courses_[held.shift].spec.min_replicas == hpa.min_replicas;
  });
  base_ = rules_.min_replicas.value_or(is_raised ? 1 : hpa.min_replicas);
}

// What was due before the first round was done then.
void HumanPolicy::remember_deeds(const HpaObservation& hpa, base::Time now) {
  std::vector<Action> raises;
  Decision unheard;
  while (!planned_.empty() && planned_.front().at <= now) {
    const Action action = std::move(planned_.front());
    planned_.erase(planned_.begin());
    act(action, unheard);
    if (action.deed == Deed::kRaise) raises.push_back(action);
  }
  undone_.reset();
  const auto is_missing = [&](const Floor& held) { return hpa.min_replicas < courses_[held.shift].spec.min_replicas; };
  // Of a game that is over, it was lowered by somebody else, or never raised.
  std::erase_if(floors_, [&](const Floor& held) {
    return is_missing(held) && Game{held.begins}.lower_planned(courses_[held.shift].spec) <= now;
  });
  for (const Action& raise : raises) {
    for (const Floor& held : floors_) {
      if (is_missing(held) && held.shift == raise.shift && held.begins == raise.begins) undone_ = raise;
    }
  }
}

void HumanPolicy::plan(base::Time now) {
  for (std::size_t i = 0; i < courses_.size(); ++i) {
    Course& course = courses_[i];
    while (course.next && course.next->raise_planned(course.spec) <= now) {
      const Game game = *course.next;
      plan_game(i, game);
      course.next = game_after(course, game.begins);
    }
  }
}

void HumanPolicy::plan_game(std::size_t shift, const Game& game) {
  const ShiftSpec& spec = courses_[shift].spec;
  const base::Time plan = game.raise_planned(spec);
  const base::Time end = game.lower_planned(spec);
  const ShiftLuck luck = draw_luck(rules_, spec, game, person_);
  if (!luck.raises) {
    return add({plan, Deed::kForgetToRaise, shift, game.begins,
                fmt::format("forgotten, planned for {}", base::format_rfc3339(plan))});
  }
  add({*luck.raises, Deed::kRaise, shift, game.begins,
       fmt::format("{}raised {} after the plan", luck.late ? "late: " : "", since_plan(*luck.raises, plan))});
  if (luck.lowers) {
    return add({*luck.lowers, Deed::kLower, shift, game.begins,
                fmt::format("lowered {} after the planned end", since_plan(*luck.lowers, end))});
  }
  add({end, Deed::kForgetToLower, shift, game.begins, "forgotten to lower until somebody lowers another floor"});
}

void HumanPolicy::add(Action action) {
  const auto later = [](const Action& a, const Action& b) { return a.at < b.at; };
  planned_.insert(std::upper_bound(planned_.begin(), planned_.end(), action, later), std::move(action));
}

int HumanPolicy::floor() const {
  int floor = *base_;
  for (const Floor& held : floors_) floor = std::max(floor, courses_[held.shift].spec.min_replicas);
  return floor;
}

void HumanPolicy::act(const Action& action, Decision& decision) {
  const auto same = [&](const Floor& f) { return f.shift == action.shift && f.begins == action.begins; };
  switch (action.deed) {
    case Deed::kRaise:
      floors_.push_back({action.shift, action.begins});
      undone_ = action;
      return;
    case Deed::kLower:
      std::erase_if(floors_, [&](const Floor& f) { return f.left_behind || same(f); });
      undone_ = action;
      return;
    case Deed::kForgetToLower:
      // One that is as high says it all, so that what is left behind does not grow.
      std::erase_if(floors_, [&](const Floor& f) { return f.left_behind && f.shift == action.shift; });
      for (Floor& held : floors_) held.left_behind |= same(held);
      break;
    case Deed::kForgetToRaise: break;
  }
  decision.unused.push_back({"shift " + courses_[action.shift].spec.name, action.why});
  decision.note = "shift " + courses_[action.shift].spec.name + ": " + action.why;
}

Decision HumanPolicy::evaluate(const Observation& observation) {
  Decision decision = minimum_decision(name_, target_, observation);
  if (!observation.hpa) return decision;
  const HpaObservation& hpa = *observation.hpa;
  if (!begun_) begin(hpa, observation.now);
  plan(observation.now);
  while (!planned_.empty() && planned_.front().at <= observation.now) {
    const Action action = std::move(planned_.front());
    planned_.erase(planned_.begin());
    act(action, decision);
  }
  tell_shifts(decision);
  if (undone_) write_floor(hpa, decision);
  if (const auto wake = next_wake(observation.now)) {
    decision.next = NextChange{*wake, "the next plan or deed of the person"};
  }
  return decision;
}

void HumanPolicy::tell_shifts(Decision& decision) const {
  for (std::size_t i = 0; i < courses_.size(); ++i) {
    Input input;
    input.metric = "shift " + courses_[i].spec.name;
    const bool held = std::any_of(floors_.begin(), floors_.end(), [&](const Floor& f) { return f.shift == i; });
    if (held) input.wants = courses_[i].spec.min_replicas;
    decision.inputs.push_back(std::move(input));
  }
}

void HumanPolicy::write_floor(const HpaObservation& hpa, Decision& decision) {
  const int wants = floor();
  decision.selected = "shift " + courses_[undone_->shift].spec.name;
  step_to(decision, wants, decision.selected, undone_->why, fmt::to_string(wants));
  step_to(decision, std::min(wants, hpa.max_replicas), "hpa.maxReplicas",
          "a minimum above the HPA's maximum is refused by the API server", fmt::to_string(hpa.max_replicas));
  if (decision.final == decision.current) undone_.reset();  // it is there already
}

void HumanPolicy::applied(const Decision&) { undone_.reset(); }

void HumanPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const HumanPolicy*>(&previous);
  if (before == nullptr || !before->base_) return;
  // Raised floors come again by begin(): the games that are on have the same luck.
  base_ = rules_.min_replicas.value_or(*before->base_);
}

std::optional<base::Time> HumanPolicy::next_wake(base::Time now) const {
  std::optional<base::Time> first;
  const auto consider = [&](base::Time at) {
    if (at > now && (!first || at < *first)) first = at;
  };
  for (const Action& action : planned_) consider(action.at);
  for (const Course& course : courses_) {
    if (course.next) consider(course.next->raise_planned(course.spec));
  }
  return first;
}

}  // namespace scaler
