#include "fake-apiserver/controllers/prober.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/base/virtual_time.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kStart{};

// An application that takes `takes` for an answer; nullopt: refuses.
class FakeApplication : public PodSampler {
 public:
  std::optional<PodSample> sample(const std::string&, const std::string&, base::Time) override { return std::nullopt; }
  ProbeAnswer probe(const std::string&, const std::string&, base::Time at) override {
    asked.push_back(at - kStart);
    return ProbeAnswer{takes};
  }

  std::optional<base::Duration> takes = base::Duration::zero();
  std::vector<base::Duration> asked;
};

class ProberTest : public testing::Test {
 protected:
  struct Heard {
    base::Duration at;
    bool passed;
    bool changes;
    bool operator==(const Heard&) const = default;
    friend void PrintTo(const Heard& h, std::ostream* out) {
      *out << base::seconds(h.at) << (h.passed ? " passed" : " failed") << (h.changes ? ", a change" : "");
    }
  };

  void start(const ProbeOptions& options, bool verdict, base::Duration up = 0s) {
    prober_.start({.name = {"default", "p"}, .uid = "u", .started = kStart, .up = kStart + up}, ProbeKind::kReadiness,
                  options, verdict);
  }

  base::VirtualTime clock_{kStart};
  FakeApplication application_;
  std::vector<Heard> heard_;
  Prober prober_{clock_, &application_, [this](const std::string&, const Prober::Result& result) {
                   heard_.push_back({clock_.now() - kStart, result.passed, result.changes_verdict});
                 }};
};

using Asked = std::vector<base::Duration>;

TEST_F(ProberTest, AsksOnTheGridOfTheProbeFromTheMomentTheApplicationIsUp) {
  start({.initial_delay = 3s, .period = 5s}, false, 9s);
  clock_.run_for(25s);
  EXPECT_EQ(application_.asked, (Asked{13s, 18s, 23s}));
  EXPECT_EQ(heard_.front(), (Heard{13s, true, true}));
  EXPECT_EQ(heard_.back(), (Heard{23s, true, false}));
}

TEST_F(ProberTest, AnAnswerCountsWhenItIsThereAndUpToTheTimeOut) {
  application_.takes = 1s;
  start({.period = 5s, .timeout = 1s}, false);
  clock_.run_for(4s);
  application_.takes = 1s + 1ns;
  clock_.run_for(4s);
  EXPECT_EQ(heard_, (std::vector<Heard>{{1s, true, true}, {6s, false, false}}));
}

TEST_F(ProberTest, VerdictsNeedAsManyInARowAsTheThresholds) {
  start({.period = 1s, .success_threshold = 2, .failure_threshold = 3}, true);
  const auto answer = [&](bool passes) {
    application_.takes = passes ? std::optional<base::Duration>(0s) : std::nullopt;
    clock_.run_for(1s);
  };
  clock_.run_for(500ms);  // the first passes
  answer(false);
  answer(false);
  answer(true);  // begins anew
  answer(false);
  answer(false);
  EXPECT_TRUE(std::none_of(heard_.begin(), heard_.end(), [](const Heard& h) { return h.changes; }));
  answer(false);
  EXPECT_EQ(heard_.back(), (Heard{6s, false, true}));
  answer(false);
  EXPECT_FALSE(heard_.back().changes);
  answer(true);
  EXPECT_FALSE(heard_.back().changes);
  answer(true);
  EXPECT_EQ(heard_.back(), (Heard{9s, true, true}));
}

TEST_F(ProberTest, ProbesThatAreDueWhileOneIsOutAreLeftOut) {
  application_.takes = 7s;
  start({.period = 2s, .timeout = 10s}, false);
  clock_.run_for(16s);
  EXPECT_EQ(application_.asked, (Asked{0s, 8s, 16s}));
}

TEST_F(ProberTest, AStoppedProbeIsNeitherAskedNorHeard) {
  application_.takes = 1s;
  start({.period = 2s}, false);
  clock_.run_for(500ms);
  prober_.stop("u");
  clock_.run_for(1min);
  EXPECT_EQ(application_.asked, Asked{0s});
  EXPECT_TRUE(heard_.empty());
}

TEST_F(ProberTest, APeriodOfNothingIsASecond) {
  start({.period = 0s}, false);
  clock_.run_for(2s);
  EXPECT_EQ(application_.asked, (Asked{0s, 1s, 2s}));
}

TEST_F(ProberTest, WithoutASamplerEverythingAnswersAtOnce) {
  Prober prober(clock_, nullptr, [this](const std::string&, const Prober::Result& result) {
    heard_.push_back({0s, result.passed, false});
  });
  prober.start({.name = {"default", "p"}, .uid = "v", .started = kStart, .up = kStart}, ProbeKind::kLiveness, {}, true);
  clock_.run_for(10s);
  EXPECT_EQ(heard_, (std::vector<Heard>{{0s, true, false}, {0s, true, false}}));
}

}  // namespace
}  // namespace fakeapi
