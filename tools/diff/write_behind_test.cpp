#include "tools/diff/write_behind.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace sb::diff {
namespace {

using Output = std::vector<std::uint8_t>;

Output counting(std::size_t bytes) {
    Output made(bytes);
    for (std::size_t i = 0; i < bytes; ++i) made[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    return made;
}

TEST(WriteBehind, WritesAllInOrderWhateverThePieces) {
    for (const std::size_t bytes : {0U, 1U, 524287U, 524288U, 524289U, 1048576U, 3000000U}) {
        const Output all = counting(bytes);
        for (const std::size_t piece : {1000U, 524288U, 5000000U}) {
            BufferSink sink;
            WriteBehind behind(sink);
            for (Bytes left = all; !left.empty(); left = left.subspan(std::min(left.size(), piece)))
                behind.write(left.first(std::min(left.size(), piece)));
            behind.finish();
            EXPECT_EQ(sink.made, all) << bytes << " in pieces of " << piece;
        }
    }
}

class FullDisk final : public Sink {
public:
    explicit FullDisk(std::size_t room) : room_(room) {}
    void write(Bytes bytes) override {
        if (bytes.size() > room_) throw std::runtime_error("no room");
        room_ -= bytes.size();
    }

private:
    std::size_t room_;
};

TEST(WriteBehind, TellsWhatTheOtherSinkThrew) {
    const Output all = counting(5000000);
    for (const std::size_t room : {0U, 524287U, 600000U, 4999999U}) {
        FullDisk disk(room);
        WriteBehind behind(disk);
        const auto write_all = [&] {
            for (Bytes left = all; !left.empty(); left = left.subspan(100000)) behind.write(left.first(100000));
            behind.finish();
        };
        EXPECT_THROW(write_all(), std::runtime_error) << room;
        EXPECT_THROW(behind.finish(), std::runtime_error) << "and again";
    }
}

TEST(WriteBehind, NeedsNothingThatWasLentOnceItIsSettled) {
    const Output all = counting(3000000);
    for (const std::size_t piece : {1000U, 131072U, 700000U}) {
        BufferSink sink;
        WriteBehind behind(sink);
        Output window;
        std::size_t round = 0;
        for (Bytes left = all; !left.empty(); left = left.subspan(std::min(left.size(), piece))) {
            const Bytes part = left.first(std::min(left.size(), piece));
            if (round++ % 3 == 2) {  // copied bytes between lent ones keep their place
                behind.write(part);
                continue;
            }
            window.assign(part.begin(), part.end());
            behind.lend(window);
            behind.settle();
            std::ranges::fill(window, std::uint8_t{0xee});
        }
        behind.finish();
        EXPECT_EQ(sink.made, all) << "in pieces of " << piece;
    }
}

TEST(WriteBehind, SettlesWhenTheOtherSinkThrewAndTellsItLater) {
    const Output all = counting(2000000);
    FullDisk disk(700000);  // it ends on the other thread
    WriteBehind behind(disk);
    const auto lend_all = [&] {
        for (Bytes left = all; !left.empty(); left = left.subspan(100000)) behind.lend(left.first(100000));
        behind.settle();
        behind.finish();
    };
    EXPECT_THROW(lend_all(), std::runtime_error);
    behind.settle();
}

TEST(WriteBehind, EndsWhenItIsGivenUp) {
    const Output all = counting(2000000);
    for (int round = 0; round < 20; ++round) {
        BufferSink sink;
        WriteBehind behind(sink);
        behind.write(all);
    }
}

}  // namespace
}  // namespace sb::diff
