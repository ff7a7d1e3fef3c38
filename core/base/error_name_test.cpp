#include "core/base/error_name.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sb {
namespace {

TEST(ErrorName, EveryErrorHasOneOfItsOwn) {
    std::set<std::string> names;
    unsigned named = 0;
    for (unsigned number = 0; number < 256; ++number) {
        const std::string name = error_name(static_cast<Error>(number));
        if (name == "unknown") continue;
        ++named;
        EXPECT_TRUE(names.insert(name).second) << name;
    }
    EXPECT_GE(named, 37U);
    EXPECT_STREQ(error_name(Error::wrong_class), "wrong_class");
    EXPECT_STREQ(error_name(Error::nothing_bootable), "nothing_bootable");
}

}  // namespace
}  // namespace sb
