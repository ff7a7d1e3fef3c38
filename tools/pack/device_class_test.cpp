#include "tools/pack/device_class.hpp"

#include <gtest/gtest.h>

namespace sb::pack {
namespace {

// The identifiers that the SUIT working group's examples carry: vendor arm.com, class suit.
TEST(DeviceClass, NamesTheIdsOfTheWorkingGroupsExamples) {
    const auto ids = class_ids("arm.com/suit");
    ASSERT_TRUE(ids);
    EXPECT_EQ(to_string(ids->vendor), "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe");
    EXPECT_EQ(to_string(ids->device_class), "1492af14-2569-5e48-bf42-9b2d51f2ab45");
}

TEST(DeviceClass, EveryPartCounts) {
    const auto ids = class_ids("acme.example/thermostat");
    ASSERT_TRUE(ids);
    EXPECT_NE(*ids, *class_ids("acme.example/thermostat-2"));
    EXPECT_EQ(ids->vendor, class_ids("acme.example/thermostat-2")->vendor);
    EXPECT_NE(ids->device_class, class_ids("acme2.example/thermostat")->device_class);
    EXPECT_TRUE(class_ids("acme.example/a/b")) << "a name may hold slashes";
}

TEST(DeviceClass, RefusesWhatIsNotDomainAndName) {
    for (const char* text : {"", "/", "acme.example", "acme.example/", "/thermostat"}) {
        const auto ids = class_ids(text);
        ASSERT_FALSE(ids) << text;
        EXPECT_EQ(ids.error().kind, Problem::Kind::usage);
    }
}

}  // namespace
}  // namespace sb::pack
