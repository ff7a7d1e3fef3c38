#include "core/journal/journal.hpp"
#include <gtest/gtest.h>
#include "sim/flash/nor_flash.hpp"
namespace sb {
namespace {
TEST(Journal, Smoke) {
    Geometry g;
    sim::NorFlash f(g, {{4, 512}});
    Region r(f, 0, 2048);
    Journal j(r);
    EXPECT_EQ(j.open().error(), Error::journal_lost);
    State s;
    s.boot.step = 7;
    ASSERT_TRUE(j.commit(s));
    EXPECT_TRUE(j.sealed());
    for (unsigned i = 0; i < 50; ++i) {
        s.boot.step = i;
        ASSERT_TRUE(i % 3 ? j.append(s) : j.commit(s));
        Journal k(r);
        ASSERT_TRUE(k.open());
        EXPECT_EQ(k.state(), s);
        EXPECT_EQ(k.sealed(), i % 3 == 0);
    }
    EXPECT_EQ(f.rule_breaks(), 0u);
}
}  // namespace
}  // namespace sb
