#include "fake-apiserver/controllers/work_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/virtual_time.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

class WorkQueueTest : public testing::Test {
 protected:
  base::VirtualTime clock_{base::Time{}};
  std::vector<std::string> done_;
  WorkQueue queue_{clock_, 10ms, [this](const ObjectName& name) {
                     done_.push_back(name.name + "@" + std::to_string(clock_.now().time_since_epoch() / 1ms));
                   }};
};

TEST_F(WorkQueueTest, ANameIsWorkedOnOnceHoweverOftenItIsAdded) {
  queue_.add({"", "a"});
  queue_.add({"", "b"});
  queue_.add({"", "a"});
  EXPECT_TRUE(done_.empty());  // never from inside add()
  clock_.run_for(1s);
  EXPECT_EQ(done_, (std::vector<std::string>{"a@10", "b@10"}));
}

TEST_F(WorkQueueTest, TheEarlierOfTwoWishesWins) {
  queue_.add_after({"", "a"}, 10min);
  queue_.add({"", "a"});
  queue_.add_after({"", "a"}, 5s);
  clock_.run_for(1h);
  EXPECT_EQ(done_, (std::vector<std::string>{"a@10"}));
}

TEST_F(WorkQueueTest, WorkThatIsAddedDuringWorkIsDoneLater) {
  int rounds = 0;
  WorkQueue again(clock_, 10ms, [&](const ObjectName& name) {
    if (++rounds < 3) again.add(name);
  });
  again.add({"", "a"});
  clock_.run_for(1s);
  EXPECT_EQ(rounds, 3);
}

TEST_F(WorkQueueTest, NothingIsDoneOnceTheQueueIsGone) {
  bool called = false;
  {
    WorkQueue brief(clock_, 10ms, [&](const ObjectName&) { called = true; });
    brief.add({"", "a"});
  }
  clock_.run_for(1s);
  EXPECT_FALSE(called);
  EXPECT_EQ(clock_.next_due(), std::nullopt);
}

}  // namespace
}  // namespace fakeapi
