#include "tools/diff/sbd/address_steps.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::diff {
namespace {

using sbd::MapBlock;

struct Question {
    const char* name;
    std::vector<MapBlock> covers;  ///< new_at, old_at, bytes
    std::uint32_t old_at;
    std::uint32_t new_at;
};

TEST(AddressSteps, SayWhereABytesCoverHasGone) {
    const Question questions[] = {
        {"no cover", {}, 77, 77},
        {"inside", {{1000, 100, 50}}, 120, 1020},
        {"before the first", {{1000, 100, 50}}, 90, 990},
        {"behind the last", {{1000, 100, 50}}, 5000, 5900},
        {"nearer to the one before", {{1000, 100, 50}, {3000, 250, 50}}, 199, 1099},
        {"nearer to the one behind", {{1000, 100, 50}, {3000, 250, 50}}, 201, 2951},
        {"the longer of two", {{1000, 100, 100}, {3000, 150, 200}}, 160, 3010},
        {"the longer of two, which comes first", {{1000, 100, 200}, {3000, 250, 100}}, 260, 1160},
        {"behind the longer one", {{1000, 100, 200}, {3000, 250, 100}}, 310, 3060},
        {"one inside of another", {{1000, 100, 400}, {3000, 200, 50}}, 210, 1110},
        {"around a shorter one", {{1000, 100, 50}, {3000, 100, 60}}, 110, 3010},
        {"too short to count", {{1000, 100, 31}}, 110, 110},
        {"back", {{100, 1000, 50}}, 1020, 120},
    };
    for (const Question& q : questions) EXPECT_EQ(AddressSteps(q.covers).moved(q.old_at), q.new_at) << q.name;
}

TEST(AddressSteps, AreFoundInImagesOfAnySize) {
    std::mt19937 random(3);
    for (const std::uint32_t apart : {40U, 1500U, 1000000U}) {
        std::vector<MapBlock> covers;
        std::uint32_t old_at = 0, new_at = 0;
        for (int k = 0; k < 900; ++k) {
            old_at += apart + static_cast<std::uint32_t>(random()) % 8;
            new_at += apart + static_cast<std::uint32_t>(random()) % 8;
            covers.push_back({new_at, old_at, 33});
        }
        const AddressSteps steps(covers);
        for (const MapBlock& cover : covers) {
            ASSERT_EQ(steps.moved(cover.old_at), cover.new_at);
            ASSERT_EQ(steps.moved(cover.old_at + 32), cover.new_at + 32);
        }
    }
}

}  // namespace
}  // namespace sb::diff
