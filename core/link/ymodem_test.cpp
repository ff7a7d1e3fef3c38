#include "core/link/ymodem.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sb {
namespace {

using Event = YmodemReceiver::Event;
using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t soh = 1;
constexpr std::uint8_t stx = 2;
constexpr std::uint8_t eot = 4;
constexpr std::uint8_t can = 0x18;
const std::string ack = "\x06";
const std::string nak = "\x15";
const std::string ask = "C";
const std::string cancel = "\x18\x18\x18\x18";

Buffer block(std::uint8_t number, Buffer payload, std::size_t bytes) {
    payload.resize(bytes, 0x1A);
    const std::uint16_t crc = crc16(payload);
    Buffer all = {bytes == 128 ? soh : stx, number, static_cast<std::uint8_t>(~number)};
    all.insert(all.end(), payload.begin(), payload.end());
    all.push_back(static_cast<std::uint8_t>(crc >> 8));
    all.push_back(static_cast<std::uint8_t>(crc));
    return all;
}

Buffer header(const std::string& text) {
    Buffer payload(text.begin(), text.end());
    payload.resize(128);
    return block(0, payload, 128);
}

Buffer file_of(std::size_t bytes) {
    Buffer data(bytes);
    for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return data;
}

/// The receiver, and what it took and answered.
class Line {
public:
    Line() {
        receiver.start();
        hear();
    }
    Event send(const Buffer& bytes) {
        Event last = Event::none;
        for (const std::uint8_t byte : bytes) {
            if (const Event event = use(receiver.take(byte)); event != Event::none) last = event;
        }
        return last;
    }
    Event be_silent() { return use(receiver.silence()); }
    /// What was answered since it was asked last.
    std::string answers() { return std::exchange(said_, {}); }

    YmodemReceiver receiver;
    Buffer taken;
    std::string name;

private:
    Event use(Event event) {
        if (event == Event::file) name = std::string(receiver.name());
        if (event == Event::data) taken.insert(taken.end(), receiver.data().begin(), receiver.data().end());
        if (event == Event::file || event == Event::data) receiver.accept();
        hear();
        return event;
    }
    void hear() { said_.append(receiver.reply().begin(), receiver.reply().end()); }
    std::string said_;
};

std::string text_with_size(const std::string& name, std::size_t bytes) {
    return name + '\0' + std::to_string(bytes) + " 14617534321 100644";
}

/// Sends `data` in blocks of 1024, the rest in blocks of 128, as lrzsz does.
std::vector<Buffer> blocks_of(const Buffer& data) {
    std::vector<Buffer> all;
    for (std::size_t at = 0; at < data.size();) {
        const std::size_t left = data.size() - at;
        const std::size_t bytes = left < 1024 ? 128 : 1024;
        const std::size_t used = std::min(left, bytes);
        const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
        all.push_back(block(static_cast<std::uint8_t>(all.size() + 1),
                            Buffer(from, from + static_cast<std::ptrdiff_t>(used)), bytes));
        at += used;
    }
    return all;
}

void begin(Line& line, std::size_t bytes) {
    EXPECT_EQ(line.answers(), ask);
    EXPECT_EQ(line.send(header(text_with_size("fw.swb", bytes))), Event::file);
    EXPECT_EQ(line.answers(), ack + ask);
}

void end(Line& line) {
    EXPECT_EQ(line.send({eot}), Event::none);
    EXPECT_EQ(line.answers(), nak);
    EXPECT_EQ(line.send({eot}), Event::none);
    EXPECT_EQ(line.answers(), ack + ask);
    EXPECT_EQ(line.send(header("")), Event::complete);
    EXPECT_EQ(line.answers(), ack);
}

TEST(Ymodem, ChecksumIsThatOfTheProtocol) {
    const std::string text = "123456789";
    EXPECT_EQ(crc16(Buffer(text.begin(), text.end())), 0x31C3);  // CRC-16/XMODEM's check value
}

TEST(Ymodem, TakesFilesOfAllSizesAndTheirNamesAndNoPadding) {
    for (const std::size_t bytes : {0U, 1U, 127U, 128U, 129U, 1023U, 1024U, 1025U, 2500U, 300'000U}) {
        Line line;
        const Buffer data = file_of(bytes);
        begin(line, bytes);
        EXPECT_EQ(line.receiver.size(), bytes);
        for (const Buffer& each : blocks_of(data)) {
            EXPECT_EQ(line.send(each), Event::data);
            EXPECT_EQ(line.answers(), ack);
        }
        end(line);
        EXPECT_EQ(line.taken, data) << bytes;
        EXPECT_EQ(line.name, "fw.swb");
    }
}

TEST(Ymodem, WithoutASizeThePaddingIsPartOfTheFile) {
    Line line;
    EXPECT_EQ(line.send(header("fw")), Event::file);
    EXPECT_FALSE(line.receiver.size());
    line.send(block(1, {1, 2, 3}, 128));
    EXPECT_EQ(line.taken.size(), 128U);
}

TEST(Ymodem, ABlockIsNotAcknowledgedBeforeItWasUsed) {
    YmodemReceiver receiver;
    receiver.start();
    for (const std::uint8_t byte : header(text_with_size("f", 5))) static_cast<void>(receiver.take(byte));
    EXPECT_TRUE(receiver.reply().empty());
    receiver.accept();
    EXPECT_EQ(receiver.reply().size(), 2U);
}

/// What happens to the second of three blocks, and how it still ends well.
struct Fault {
    const char* what;
    void (*happen)(Line& line, const Buffer& first, const Buffer& second);
    std::string answers;
};

class YmodemFault : public testing::TestWithParam<Fault> {};

TEST_P(YmodemFault, IsMadeGood) {
    Line line;
    const Buffer data = file_of(3 * 1024);
    const std::vector<Buffer> blocks = blocks_of(data);
    begin(line, data.size());
    line.send(blocks[0]);
    EXPECT_EQ(line.answers(), ack);
    GetParam().happen(line, blocks[0], blocks[1]);
    EXPECT_EQ(line.answers(), GetParam().answers);
    line.send(blocks[2]);
    EXPECT_EQ(line.answers(), ack);
    end(line);
    EXPECT_EQ(line.taken, data);
}

INSTANTIATE_TEST_SUITE_P(Table, YmodemFault,
                         testing::Values(Fault{"lost whole",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   line.be_silent();
                                                   line.send(second);
                                               },
                                               nak + ack},
                                         Fault{"our answer was lost: sent twice",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   line.send(second);
                                                   line.send(second);
                                               },
                                               ack + ack},
                                         Fault{"the block before comes once more",
                                               [](Line& line, const Buffer& first, const Buffer& second) {
                                                   line.send(first);
                                                   line.send(second);
                                               },
                                               ack + ack},
                                         Fault{"a bit of the payload",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   Buffer torn = second;
                                                   torn[500] ^= 1;
                                                   line.send(torn);
                                                   line.send(second);
                                               },
                                               nak + ack},
                                         Fault{"a bit of the checksum",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   Buffer torn = second;
                                                   torn.back() ^= 1;
                                                   line.send(torn);
                                                   line.send(second);
                                               },
                                               nak + ack},
                                         Fault{"a bit of the number: unlike its complement",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   Buffer torn = second;
                                                   torn[1] ^= 4;
                                                   line.send(torn);
                                                   line.be_silent();
                                                   line.send(second);
                                               },
                                               nak + ack},
                                         Fault{"a byte was lost",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   Buffer torn = second;
                                                   torn.erase(torn.begin() + 77);
                                                   line.send(torn);
                                                   line.be_silent();
                                                   line.send(second);
                                               },
                                               nak + ack},
                                         Fault{"noise between blocks, a CAN in it",
                                               [](Line& line, const Buffer&, const Buffer& second) {
                                                   line.send({0xFF, can, 0x00});
                                                   line.send(second);
                                               },
                                               ack}),
                         [](const auto& instance) {
                             std::string name = instance.param.what;
                             std::erase_if(name,
                                           [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
                             return name;
                         });

TEST(Ymodem, OurAnswerToBlockZeroMayBeLost) {
    Line line;
    begin(line, 10);
    line.send(header(text_with_size("fw.swb", 10)));
    EXPECT_EQ(line.answers(), ack + ask);
    line.be_silent();
    EXPECT_EQ(line.answers(), ask);
    EXPECT_EQ(line.send(block(1, file_of(10), 128)), Event::data);
}

TEST(Ymodem, OurAnswersAtTheEndMayBeLost) {
    Line line;
    begin(line, 10);
    line.send(block(1, file_of(10), 128));
    line.answers();
    line.send({eot});
    line.be_silent();
    EXPECT_EQ(line.answers(), nak + nak);
    line.send({eot, eot});
    EXPECT_EQ(line.answers(), ack + ask + ack + ask);
    EXPECT_EQ(line.send(header("")), Event::complete);
}

TEST(Ymodem, ASenderThatLeavesWithoutTheLastBlockHasSentTheFile) {
    Line line;
    begin(line, 0);
    line.send({eot, eot});
    Event event = Event::none;
    for (unsigned i = 0; i < YmodemReceiver::most_faults; ++i) {
        EXPECT_EQ(event, Event::none);
        event = line.be_silent();
    }
    EXPECT_EQ(event, Event::complete);
}

TEST(Ymodem, AsksForASenderAsLongAsTheCallerWants) {
    Line line;
    for (int second = 0; second < 1000; ++second) EXPECT_EQ(line.be_silent(), Event::none);
    EXPECT_EQ(line.answers(), std::string(1001, 'C'));
    EXPECT_TRUE(line.receiver.waits());
}

TEST(Ymodem, GivesUpATransferThatOnlyFails) {
    Line line;
    begin(line, 2000);
    Buffer torn = block(1, file_of(1024), 1024);
    torn[9] ^= 1;
    Event event = Event::none;
    unsigned turns = 0;
    for (; event == Event::none && turns < 100; ++turns) event = line.send(torn);
    EXPECT_EQ(event, Event::failed);
    EXPECT_EQ(turns, YmodemReceiver::most_faults);
    EXPECT_EQ(line.receiver.why(), Error::io);
    EXPECT_TRUE(line.answers().ends_with(cancel));
    EXPECT_EQ(line.send(block(1, file_of(1024), 1024)), Event::none);
    EXPECT_EQ(line.answers(), "");
}

TEST(Ymodem, FaultsInARowCountAndNotAllTogether) {
    Line line;
    begin(line, 40 * 128);
    for (std::uint8_t number = 1; number <= 40; ++number) {
        EXPECT_EQ(line.be_silent(), Event::none);
        EXPECT_EQ(line.send(block(number, file_of(128), 128)), Event::data);
    }
}

TEST(Ymodem, TwoCansInARowAreMeant) {
    Line line;
    begin(line, 2000);
    EXPECT_EQ(line.send({can, can}), Event::cancelled);
    EXPECT_EQ(line.send(block(1, file_of(10), 128)), Event::none);
}

TEST(Ymodem, WhatTheCallerDoesNotWantIsCancelled) {
    YmodemReceiver receiver;
    receiver.start();
    Event event = Event::none;
    for (const std::uint8_t byte : header("f")) event = receiver.take(byte);
    ASSERT_EQ(event, Event::file);
    receiver.cancel();
    EXPECT_EQ(std::string(receiver.reply().begin(), receiver.reply().end()), cancel);
    EXPECT_EQ(receiver.silence(), Event::none);
    receiver.start();
    EXPECT_TRUE(receiver.waits());
}

/// Refused with CAN CAN, whatever else is right with it.
TEST(Ymodem, RefusesWhatItCannotBelieve) {
    const auto refuses = [](const Buffer& first, const Buffer& second, Error why, const char* what) {
        Line line;
        Event event = line.send(first);
        if (event == Event::file) event = line.send(second);
        EXPECT_EQ(event, Event::failed) << what;
        EXPECT_EQ(line.receiver.why(), why) << what;
        EXPECT_TRUE(line.answers().ends_with(cancel)) << what;
        EXPECT_TRUE(line.taken.empty()) << what;
    };
    const Buffer good = header(text_with_size("f", 10));
    refuses(header(""), {}, Error::malformed, "a batch without a file");
    refuses(block(0, Buffer(128, 'x'), 128), {}, Error::malformed, "a name without an end");
    refuses(header(text_with_size("f", 4294967296)), {}, Error::malformed, "a size beyond 32 bits");
    refuses(header(std::string("f\0", 2) + std::string(60, '9')), {}, Error::malformed, "a size beyond 64 bits");
    refuses(block(1, file_of(128), 128), {}, Error::malformed, "data before block 0");
    refuses(good, block(2, file_of(10), 128), Error::malformed, "a block was left out");
    refuses(good, block(200, file_of(10), 128), Error::malformed, "a block of another time");
    refuses(good, {eot}, Error::truncated, "less than was announced");
}

TEST(Ymodem, ASecondFileIsRefused) {
    Line line;
    begin(line, 0);
    line.send({eot, eot});
    EXPECT_EQ(line.send(header(text_with_size("more", 3))), Event::failed);
    EXPECT_EQ(line.receiver.why(), Error::malformed);
}

TEST(Ymodem, MoreThanWasAnnouncedIsPadding) {
    Line line;
    begin(line, 10);
    EXPECT_EQ(line.send(block(1, file_of(1024), 1024)), Event::data);
    EXPECT_EQ(line.send(block(2, file_of(1024), 1024)), Event::none);
    EXPECT_EQ(line.answers(), ack + ack);
    EXPECT_EQ(line.taken.size(), 10U);
    end(line);
}

}  // namespace
}  // namespace sb
