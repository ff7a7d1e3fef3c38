#include "core/journal/journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/flash/nor_flash.hpp"

namespace sb {
namespace {

State state(std::uint32_t n) {
    State s;
    s.boot.security_floor = n;
    s.boot.grant_counter = ~n;
    s.install.next_block = n * 3;
    return s;
}

/// One part that is a journal region from end to end.
struct Bench {
    explicit Bench(std::uint32_t unit = 512, std::uint32_t units = 4, Geometry g = {}) : flash(g, {{units, unit}}) {}
    Bench(const Geometry& g, std::vector<EraseRun> map) : flash(g, std::move(map)) {}

    [[nodiscard]] Region region() { return {flash, 0, flash.geometry().bytes}; }
    [[nodiscard]] Journal opened() {
        Journal j(region());
        [[maybe_unused]] const Result<void> opened = j.open();  // blank: there is no record yet
        return j;
    }

    sim::NorFlash flash;
};

void expect_reads(Bench& bench, const State& expected, bool sealed) {
    Journal j(bench.region());
    ASSERT_TRUE(j.open().has_value());
    EXPECT_EQ(j.state(), expected);
    EXPECT_EQ(j.sealed(), sealed);
}

TEST(Journal, WipedJournalIsReportedAndCommitWorks) {
    Bench bench;
    Journal j(bench.region());
    EXPECT_EQ(j.open().error(), Error::journal_lost);
    EXPECT_EQ(j.state(), State{});
    EXPECT_FALSE(j.sealed());
    ASSERT_TRUE(j.commit(state(1)).has_value());
    EXPECT_TRUE(j.sealed());
    expect_reads(bench, state(1), true);
}

TEST(Journal, WipedToGarbageIsReportedAndCommitWorks) {
    for (const std::uint8_t value : std::initializer_list<std::uint8_t>{0x00, 0x53, 0xA5}) {
        Bench bench;
        bench.flash.poke(0, std::vector<std::uint8_t>(2048, value));
        Journal j(bench.region());
        EXPECT_EQ(j.open().error(), Error::journal_lost);
        ASSERT_TRUE(j.commit(state(1)).has_value());
        expect_reads(bench, state(1), true);
        EXPECT_EQ(bench.flash.rule_breaks(), 0U);
    }
}

TEST(Journal, RefusesARegionWithoutRoom) {
    Bench bench(512, 3);
    Journal j(bench.region());
    EXPECT_EQ(j.open().error(), Error::out_of_range);
    EXPECT_EQ(j.commit(state(1)).error(), Error::out_of_range);
    EXPECT_EQ(j.append(state(1)).error(), Error::out_of_range);
    EXPECT_EQ(bench.flash.operations(), 0U);
}

TEST(Journal, OpenOnlyReads) {
    Bench bench;
    ASSERT_TRUE(bench.opened().commit(state(1)).has_value());
    const auto before = bench.flash.content();
    for (int i = 0; i < 5; ++i) expect_reads(bench, state(1), true);
    EXPECT_TRUE(bench.flash.content() == before);
}

TEST(Journal, FirstCommitOfASessionLeavesOneProvenPageAndBlanks) {
    Bench bench;
    ASSERT_TRUE(bench.opened().commit(state(1)).has_value());
    Journal j = bench.opened();
    ASSERT_TRUE(j.commit(state(2)).has_value());
    for (std::uint32_t p = 0; p < journal_pages; ++p) {
        EXPECT_EQ(bench.opened().content(p).valid, p == j.newest_page() ? 3 : 0);
        const auto& page = j.pages().page[p];
        EXPECT_EQ(bench.flash.is_blank(page.offset, page.bytes).value(), p != j.newest_page());
    }
}

TEST(Journal, LaterCommitCostsTwoRecordsAndNoErase) {
    Bench bench(4096);
    Journal j = bench.opened();
    ASSERT_TRUE(j.commit(state(1)).has_value());
    const auto programs = bench.flash.content().programs;
    const auto erases = bench.flash.content().erases;
    ASSERT_TRUE(j.commit(state(2)).has_value());
    EXPECT_EQ(bench.flash.content().programs, programs + 2);
    ASSERT_TRUE(j.append(state(3)).has_value());
    EXPECT_FALSE(j.sealed()) << "one record proves nothing";
    EXPECT_EQ(bench.flash.content().programs, programs + 3);
    ASSERT_TRUE(j.commit(state(3)).has_value());
    EXPECT_EQ(bench.flash.content().programs, programs + 4) << "the append counts as one of the two";
    ASSERT_TRUE(j.commit(state(3)).has_value());
    EXPECT_EQ(bench.flash.content().programs, programs + 4) << "nothing to prove any more";
    EXPECT_EQ(bench.flash.content().erases, erases);
}

TEST(Journal, CommitInANewSessionProvesAnewThoughTheStateIsTheSame) {
    Bench bench;
    ASSERT_TRUE(bench.opened().commit(state(1)).has_value());
    const auto before = bench.flash.operations();
    Journal j = bench.opened();
    EXPECT_TRUE(j.sealed());
    ASSERT_TRUE(j.commit(state(1)).has_value());
    EXPECT_EQ(bench.flash.operations(), before + 4 + 3) << "four erases, three records";
}

TEST(Journal, AppendThatStartsASessionIsWrittenTwiceAndIsNotSealed) {
    Bench bench;
    ASSERT_TRUE(bench.opened().commit(state(1)).has_value());
    Journal j = bench.opened();
    ASSERT_TRUE(j.append(state(2)).has_value());
    EXPECT_FALSE(j.sealed());
    expect_reads(bench, state(2), false);
    EXPECT_EQ(bench.opened().content(j.newest_page()).valid, 2);
}

TEST(Journal, ThirdRecordOfAPageComesAfterTheOthersAreErased) {
    Bench bench;
    ASSERT_TRUE(bench.opened().commit(state(1)).has_value());
    Journal j = bench.opened();
    ASSERT_TRUE(j.append(state(2)).has_value());
    ASSERT_TRUE(j.append(state(2)).has_value());
    EXPECT_TRUE(j.sealed());
    for (std::uint32_t p = 0; p < journal_pages; ++p)
        EXPECT_EQ(bench.opened().content(p).valid, p == j.newest_page() ? 3 : 0);
}

TEST(Journal, RollsOverPageAfterPageAndWearsThemEvenly) {
    Bench bench;
    Journal j = bench.opened();
    for (std::uint32_t n = 1; n <= 400; ++n) {
        ASSERT_TRUE((n % 5 == 0 ? j.commit(state(n)) : j.append(state(n))).has_value());
        EXPECT_EQ(j.state(), state(n));
        expect_reads(bench, state(n), n % 5 == 0);
    }
    const auto& wear = bench.flash.content().erase_counts;
    EXPECT_LE(*std::max_element(wear.begin(), wear.end()) - *std::min_element(wear.begin(), wear.end()), 3U);
    EXPECT_EQ(bench.flash.rule_breaks(), 0U);
}

TEST(Journal, ManySessionsWearThePagesEvenly) {
    Bench bench;
    for (std::uint32_t n = 1; n <= 100; ++n) {
        Journal j = bench.opened();
        ASSERT_TRUE(j.append(state(n)).has_value());
    }
    const auto& wear = bench.flash.content().erase_counts;
    EXPECT_GT(*std::min_element(wear.begin(), wear.end()), 20U);
}

struct GeometryCase {
    const char* name;
    std::uint32_t granule;
    std::vector<EraseRun> map;
    std::uint8_t erased;
    bool ecc;
    bool erased_readable;
};

TEST(Journal, WorksOnEveryGeometry) {
    const GeometryCase cases[] = {
        {"granule 1", 1, {{4, 512}}, 0xFF, false, true},
        {"granule 2", 2, {{4, 1024}}, 0xFF, false, true},
        {"granule 4, blank is zero", 4, {{4, 512}}, 0x00, false, true},
        {"granule 8, ECC", 8, {{4, 2048}}, 0xFF, true, true},
        {"granule 16, ECC, blank unreadable", 16, {{4, 512}}, 0xFF, true, false},
        {"granule 32, pages of several units", 32, {{16, 256}}, 0xFF, true, false},
        {"granule 512", 512, {{4, 2048}}, 0xFF, false, true},
        {"granule 256, ECC, blank unreadable", 256, {{8, 512}}, 0xFF, true, false},
        {"granule 48", 48, {{4, 768}}, 0xFF, false, true},
        {"unequal pages", 4, {{1, 1024}, {4, 256}, {1, 4096}}, 0xFF, false, true},
        {"more room than needed", 4, {{9, 512}}, 0xFF, false, true},
    };
    for (const GeometryCase& c : cases) {
        SCOPED_TRACE(c.name);
        Geometry g;
        g.granule = c.granule;
        g.erased = c.erased;
        g.ecc = c.ecc;
        g.erased_readable = c.erased_readable;
        g.reprogram_same = false;
        Bench bench(g, c.map);
        for (std::uint32_t n = 1; n <= 60; ++n) {
            Journal j = bench.opened();
            ASSERT_TRUE(j.commit(state(n * 100)).has_value());
            for (std::uint32_t i = 1; i <= n % 7; ++i) ASSERT_TRUE(j.append(state(n * 100 + i)).has_value());
            expect_reads(bench, state(n * 100 + n % 7), n % 7 == 0);
        }
        EXPECT_EQ(bench.flash.rule_breaks(), 0U) << bench.flash.last_rule_break();
    }
}

TEST(Journal, LeavesWhatFollowsItsFourPagesAlone) {
    Bench bench(512, 6);
    bench.flash.poke(2048, std::vector<std::uint8_t>(1024, 0x77));
    for (std::uint32_t n = 1; n <= 20; ++n) ASSERT_TRUE(bench.opened().commit(state(n)).has_value());
    std::vector<std::uint8_t> rest(1024);
    ASSERT_TRUE(bench.flash.read(2048, rest).has_value());
    EXPECT_EQ(rest, std::vector<std::uint8_t>(1024, 0x77));
}

TEST(Journal, LosesNothingWhenAnyOperationOfACommitIsCut) {
    for (int outcome = 0; outcome < sim::torn_kinds; ++outcome) {
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            std::uint64_t at = 1;
            for (bool struck = true; struck; ++at) {
                Bench bench;
                ASSERT_TRUE(bench.opened().commit(state(1)).has_value());
                bench.flash.arm({at, static_cast<sim::Torn>(outcome), seed, static_cast<sim::WeakReads>(seed % 4)});
                Journal j = bench.opened();
                const auto done = j.commit(state(2));
                struck = !bench.flash.powered();
                EXPECT_EQ(done.has_value(), !struck);
                bench.flash.power_on();
                Journal after(bench.region());
                ASSERT_TRUE(after.open().has_value()) << "operation " << at << ", outcome " << outcome;
                EXPECT_TRUE(after.state() == state(1) || after.state() == state(2));
                const State seen = after.state();
                ASSERT_TRUE(after.commit(seen).has_value());
                for (int i = 0; i < 4; ++i) expect_reads(bench, seen, true);
            }
            EXPECT_EQ(at, 9U) << "four erases and three records were cut, and once nothing";
        }
    }
}

TEST(Journal, PassesOverUnreadableRecords) {
    Geometry g;
    g.granule = 8;
    g.ecc = true;
    g.reprogram_same = false;
    Bench bench(1024, 4, g);
    Journal j = bench.opened();
    ASSERT_TRUE(j.commit(state(1)).has_value());
    ASSERT_TRUE(j.append(state(2)).has_value());
    bench.flash.spoil(j.pages().page[j.newest_page()].offset + 3 * 128 + 64, 8);
    expect_reads(bench, state(1), true);
}

/// A part whose page `worn` fails as told, for good.
class WornFlash final : public Flash {
public:
    enum class Fault { none, erase_fails, program_fails, sticks, read_fails };
    WornFlash(sim::NorFlash& below, std::uint32_t from, std::uint32_t to, Fault fault)
        : below_(below), from_(from), to_(to), fault_(fault) {}
    [[nodiscard]] const Geometry& geometry() const override { return below_.geometry(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (fault_ == Fault::read_fails && hit(offset)) return fail(Error::io);
        return below_.read(offset, out);
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        if (fault_ == Fault::program_fails && hit(offset)) return fail(Error::io);
        std::vector<std::uint8_t> bytes(data.begin(), data.end());
        if (fault_ == Fault::sticks && hit(offset)) bytes[0] = 0x00;
        return below_.program(offset, bytes);
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        if (fault_ == Fault::erase_fails && hit(offset)) return fail(Error::io);
        return below_.erase(offset);
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return below_.is_blank(offset, length);
    }

private:
    [[nodiscard]] bool hit(std::uint32_t offset) const { return offset >= from_ && offset < to_; }
    sim::NorFlash& below_;
    std::uint32_t from_, to_;
    Fault fault_;
};

TEST(Journal, SurvivesOneWornOutPage) {
    using Fault = WornFlash::Fault;
    for (const Fault fault : {Fault::erase_fails, Fault::program_fails, Fault::sticks, Fault::read_fails}) {
        for (std::uint32_t page = 0; page < 4; ++page) {
            Bench bench;
            WornFlash worn(bench.flash, page * 512, page * 512 + 512, fault);
            const Region region(worn, 0, 2048);
            for (std::uint32_t n = 1; n <= 12; ++n) {
                Journal j(region);
                const auto opened = j.open();
                EXPECT_EQ(opened.has_value(), n > 1);
                const State before = n > 1 ? state(100 * (n - 1) + 3) : State{};
                EXPECT_EQ(j.state(), before) << static_cast<int>(fault) << " page " << page;
                ASSERT_TRUE(j.commit(state(100 * n)).has_value());
                EXPECT_TRUE(j.sealed());
                for (std::uint32_t i = 1; i <= 3; ++i) ASSERT_TRUE(j.append(state(100 * n + i)).has_value());
            }
        }
    }
}

TEST(Journal, ReportsAPartThatFailsEverywhere) {
    using Fault = WornFlash::Fault;
    const struct {
        Fault fault;
        Error open, commit;
    } cases[] = {{Fault::erase_fails, Error::journal_lost, Error::io},
                 {Fault::program_fails, Error::journal_lost, Error::io},
                 {Fault::sticks, Error::journal_lost, Error::readback},
                 {Fault::read_fails, Error::io, Error::io}};
    for (const auto& c : cases) {
        Bench bench;
        WornFlash worn(bench.flash, 0, 2048, c.fault);
        Journal j(Region(worn, 0, 2048));
        EXPECT_EQ(j.open().error(), c.open);
        EXPECT_EQ(j.commit(state(1)).error(), c.commit);
        EXPECT_FALSE(j.sealed());
    }
}

TEST(Journal, IndexNeverWrapsWithinASession) {
    Bench bench(128 * 1024);
    Journal j = bench.opened();
    ASSERT_TRUE(j.commit(state(0)).has_value());
    const std::uint32_t session = j.newest_key().session;
    for (std::uint32_t n = 1; n <= 70'000; ++n) ASSERT_TRUE(j.append(state(n)).has_value());
    EXPECT_GT(j.newest_key().session, session);
    expect_reads(bench, state(70'000), false);
}

TEST(Journal, RecordsCanBeListed) {
    Bench bench;
    Journal j = bench.opened();
    ASSERT_TRUE(j.commit(state(7)).has_value());
    std::multiset<std::uint32_t> steps;
    const auto pages = journal_pages_of(bench.region());
    ASSERT_TRUE(pages.has_value());
    for (std::uint32_t p = 0; p < journal_pages; ++p) {
        for (std::uint32_t i = 0; i < pages->records(p); ++i) {
            const auto record = read_journal_record(bench.region(), pages->page[p].offset + i * pages->stride);
            if (record) steps.insert(record->state.boot.security_floor);
            EXPECT_TRUE(record || record.error() == Error::malformed);
        }
    }
    EXPECT_EQ(steps, (std::multiset<std::uint32_t>{7, 7, 7}));
}

}  // namespace
}  // namespace sb
