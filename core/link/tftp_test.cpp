#include "core/link/tftp.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace sb {
namespace {

namespace tftp_test {

using Event = TftpClient::Event;
using Datagram = std::vector<std::uint8_t>;
using namespace std::string_literals;

constexpr std::uint16_t transfer = 40'000;  // the server's port
constexpr std::size_t block_bytes = TftpClient::block_bytes;
const std::string request = "\0\x01"s + "fw.swb\0octet\0"s;
const std::string options = "blksize\0"s + "1024\0"s + "tsize\0"s + "0\0"s;

Datagram packet(std::uint16_t operation, const std::string& rest) {
    Datagram all = {static_cast<std::uint8_t>(operation >> 8), static_cast<std::uint8_t>(operation)};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}
std::string two(std::size_t number) {
    return {static_cast<char>(number >> 8), static_cast<char>(number)};
}
Datagram data(std::size_t block, const Datagram& bytes) {
    return packet(3, two(block) + std::string(bytes.begin(), bytes.end()));
}
Datagram error(std::uint16_t code) {
    return packet(5, two(code) + "no\0"s);
}
Datagram accepted(std::size_t bytes) {
    return packet(6, "blksize\0"s + "1024\0"s + "tsize\0"s + std::to_string(bytes) + '\0');
}
std::string ack(std::size_t block) {
    return "\0\x04"s + two(block);
}
std::string refusal(std::size_t code) {
    return "\0\x05"s + two(code) + '\0';
}
Datagram content(std::size_t bytes) {
    Datagram all(bytes);
    for (std::size_t i = 0; i < bytes; ++i) all[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return all;
}
Datagram part(const Datagram& file, std::size_t block, std::size_t size = block_bytes) {
    const std::size_t from = (block - 1) * size;
    const std::size_t behind = std::min(file.size(), from + size);
    return {file.begin() + static_cast<std::ptrdiff_t>(from), file.begin() + static_cast<std::ptrdiff_t>(behind)};
}

/// The client, what it took and what it said, each as "port:bytes" where the port is not the transfer's.
class Peer {
public:
    Peer() {
        EXPECT_TRUE(client.start("fw.swb"));
        hear();
    }
    Event send(const Datagram& datagram, std::uint16_t from = transfer) {
        Event event = client.take(from, datagram);
        if (event == Event::data) {
            EXPECT_TRUE(client.reply().empty());
            taken.insert(taken.end(), client.data().begin(), client.data().end());
            event = client.accept() == Event::complete ? Event::complete : Event::data;
        }
        hear();
        return event;
    }
    Event wait(unsigned seconds = 1) {
        Event event = Event::none;
        for (unsigned i = 0; i < seconds && event == Event::none; ++i) {
            event = client.tick();
            hear();
        }
        return event;
    }
    std::string answers() { return std::exchange(said_, {}); }

    TftpClient client;
    Datagram taken;

private:
    void hear() {
        if (client.reply().empty()) return;
        if (client.reply_port() != transfer) said_ += std::to_string(client.reply_port()) + ":";
        said_.append(client.reply().begin(), client.reply().end());
    }
    std::string said_;
};

TEST(Tftp, TakesFilesOfAllSizes) {
    for (const std::size_t bytes : {0U, 1U, 1023U, 1024U, 1025U, 5000U, 2048U}) {
        Peer peer;
        const Datagram file = content(bytes);
        EXPECT_EQ(peer.answers(), "69:" + request + options);
        EXPECT_EQ(peer.send(accepted(bytes)), Event::none);
        EXPECT_EQ(peer.client.size(), bytes);
        EXPECT_EQ(peer.answers(), ack(0));
        const std::size_t blocks = bytes / block_bytes + 1;
        for (std::size_t i = 1; i <= blocks; ++i) {
            EXPECT_EQ(peer.send(data(i, part(file, i))), i == blocks ? Event::complete : Event::data);
            EXPECT_EQ(peer.answers(), ack(i));
        }
        EXPECT_EQ(peer.taken, file);
    }
}

TEST(Tftp, AServerThatKnowsNoOptionsSendsPlainBlocks) {
    Peer peer;
    const Datagram file = content(700);
    EXPECT_EQ(peer.send(data(1, part(file, 1, 512))), Event::data);
    EXPECT_EQ(peer.send(data(2, part(file, 2, 512))), Event::complete);
    EXPECT_EQ(peer.taken, file);
    EXPECT_FALSE(peer.client.size());
}

TEST(Tftp, AServerThatRefusesOptionsIsAskedOnceWithout) {
    Peer peer;
    peer.answers();
    EXPECT_EQ(peer.send(error(8)), Event::none);
    EXPECT_EQ(peer.answers(), "69:" + request);
    EXPECT_EQ(peer.send(error(8), 40'001), Event::failed);
    EXPECT_EQ(peer.client.server_error(), 8);
}

TEST(Tftp, OptionsThatWereNotAskedForAreRefused) {
    Peer peer;
    EXPECT_EQ(peer.send(error(8)), Event::none);
    peer.answers();
    EXPECT_EQ(peer.send(accepted(5)), Event::failed);
    EXPECT_EQ(peer.answers(), refusal(8));
}

TEST(Tftp, BlocksMayBeSmallerThanWasAskedFor) {
    Peer peer;
    const Datagram file = content(20);
    EXPECT_EQ(peer.send(packet(6, "BlkSize\0"s + "8\0"s)), Event::none);
    EXPECT_EQ(peer.send(data(1, part(file, 1, 8))), Event::data);
    EXPECT_EQ(peer.send(data(2, part(file, 2, 8))), Event::data);
    EXPECT_EQ(peer.send(data(3, part(file, 3, 8))), Event::complete);
    EXPECT_EQ(peer.taken, file);
}

TEST(Tftp, NumbersOfBlocksWrap) {
    Peer peer;
    peer.send(packet(6, "blksize\0"s + "8\0"s));
    for (std::size_t i = 1; i <= 70'000; ++i)
        ASSERT_EQ(peer.send(data(i & 0xFFFF, Datagram(8, static_cast<std::uint8_t>(i)))), Event::data) << i;
    EXPECT_EQ(peer.send(data(70'001 & 0xFFFF, {})), Event::complete);
    EXPECT_EQ(peer.taken.size(), 560'000U);
}

TEST(Tftp, ABlockIsNotAcknowledgedBeforeItWasUsed) {
    TftpClient client;
    ASSERT_TRUE(client.start("f"));
    EXPECT_EQ(client.take(transfer, data(1, content(9))), Event::data);
    EXPECT_TRUE(client.reply().empty());
    EXPECT_EQ(client.tick(), Event::none);
    EXPECT_TRUE(client.reply().empty());
    EXPECT_EQ(client.take(transfer, data(1, content(9))), Event::none);
    EXPECT_EQ(client.data().size(), 9U);
    EXPECT_EQ(client.accept(), Event::complete);
    EXPECT_EQ(client.reply().size(), 4U);
}

TEST(Tftp, ANameThatDoesNotFitIsNotAskedFor) {
    TftpClient client;
    EXPECT_EQ(client.start("").error(), Error::malformed);
    EXPECT_EQ(client.start("a\0b"s).error(), Error::malformed);
    EXPECT_EQ(client.start(std::string(65, 'x')).error(), Error::too_large);
    EXPECT_TRUE(client.reply().empty());
    EXPECT_TRUE(client.start(std::string(64, 'x')));
    EXPECT_EQ(client.reply().size(), 2 + 65 + 6 + 8 + 5 + 6 + 2U);
}

TEST(Tftp, AServerThatIsSilentIsAskedABoundedNumberOfTimes) {
    Peer peer;
    const std::string once = peer.answers();
    EXPECT_EQ(peer.wait(100), Event::failed);
    EXPECT_EQ(peer.client.why(), Error::io);
    std::string again;
    for (unsigned i = 1; i < TftpClient::most_silence; ++i) again += once;
    EXPECT_EQ(peer.answers(), again);
    EXPECT_EQ(peer.wait(100), Event::none);
    EXPECT_EQ(peer.answers(), "");
}

TEST(Tftp, AServerThatSendsTheSameForEverIsGivenUp) {
    Peer peer;
    peer.send(accepted(5000));
    EXPECT_EQ(peer.send(data(1, part(content(5000), 1))), Event::data);
    Event event = Event::none;
    for (unsigned i = 0; i < 100 && event == Event::none; ++i) {
        EXPECT_EQ(peer.send(data(1, part(content(5000), 1))), Event::none);
        event = peer.wait();
    }
    EXPECT_EQ(event, Event::failed);
    EXPECT_EQ(peer.client.why(), Error::io);
}

TEST(Tftp, TheLastBlockIsAcknowledgedAgainWhereThatWasLost) {
    Peer peer;
    EXPECT_EQ(peer.send(data(1, content(3))), Event::complete);
    peer.answers();
    EXPECT_EQ(peer.send(data(1, content(3))), Event::none);
    EXPECT_EQ(peer.answers(), ack(1));
    EXPECT_EQ(peer.send(data(2, content(3))), Event::none);
    EXPECT_EQ(peer.send(error(0)), Event::none);
    EXPECT_EQ(peer.send(packet(9, "")), Event::none);
    EXPECT_EQ(peer.answers(), "");
}

TEST(Tftp, WhatIsCancelledIsOver) {
    Peer peer;
    peer.send(accepted(5000));
    peer.answers();
    peer.client.cancel();
    EXPECT_EQ(std::string(peer.client.reply().begin(), peer.client.reply().end()), refusal(0));
    EXPECT_EQ(peer.client.reply_port(), transfer);
    EXPECT_EQ(peer.send(data(1, content(1024))), Event::none);
    EXPECT_EQ(peer.wait(30), Event::none);
    EXPECT_EQ(peer.answers(), "");
}

/// What happens between the first and the second of three blocks, and how it still ends well.
struct Fault {
    const char* what;
    std::function<void(Peer& peer, const Datagram& first)> happen;
    std::string answers;
};

class TftpFault : public testing::TestWithParam<Fault> {};

TEST_P(TftpFault, IsMadeGood) {
    Peer peer;
    const Datagram file = content(2500);
    peer.send(accepted(file.size()));
    EXPECT_EQ(peer.send(data(1, part(file, 1))), Event::data);
    peer.answers();
    GetParam().happen(peer, data(1, part(file, 1)));
    EXPECT_EQ(peer.answers(), GetParam().answers);
    EXPECT_EQ(peer.send(data(2, part(file, 2))), Event::data);
    EXPECT_EQ(peer.send(data(3, part(file, 3))), Event::complete);
    EXPECT_EQ(peer.answers(), ack(2) + ack(3));
    EXPECT_EQ(peer.taken, file);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TftpFault,
    testing::Values(
        Fault{"a block that comes twice is answered once", [](Peer& p, const Datagram& first) { p.send(first); }, ""},
        Fault{"our answer was lost",
              [](Peer& p, const Datagram& first) {
                  p.wait();
                  p.send(first);
                  p.wait();
              },
              ack(1)},
        Fault{"two seconds of silence", [](Peer& p, const Datagram&) { p.wait(3); }, ack(1) + ack(1)},
        Fault{"the answer to the options comes late", [](Peer& p, const Datagram&) { p.send(data(0, {})); }, ""},
        Fault{"a block of the future", [](Peer& p, const Datagram&) { p.send(data(3, content(452))); }, ""},
        Fault{"a block of another transfer", [](Peer& p, const Datagram&) { p.send(data(2, content(1024)), 777); },
              "777:" + refusal(5)},
        Fault{"options of another transfer", [](Peer& p, const Datagram&) { p.send(accepted(9), 777); },
              "777:" + refusal(5)},
        Fault{"garbage of another transfer", [](Peer& p, const Datagram&) { p.send({}, 777); }, "777:" + refusal(5)},
        Fault{"an error of another transfer", [](Peer& p, const Datagram&) { p.send(error(3), 777); }, ""}));

/// What ends a transfer, in place of the second block of a file of 2500 bytes.
struct End {
    const char* what;
    Datagram comes;
    Error why;
    std::string answers;
};

class TftpEnd : public testing::TestWithParam<End> {};

TEST_P(TftpEnd, IsToldTheServer) {
    Peer peer;
    peer.send(accepted(2500));
    EXPECT_EQ(peer.send(data(1, content(1024))), Event::data);
    peer.answers();
    EXPECT_EQ(peer.send(GetParam().comes), Event::failed);
    EXPECT_EQ(peer.client.why(), GetParam().why);
    EXPECT_EQ(peer.answers(), GetParam().answers);
    EXPECT_EQ(peer.send(data(2, content(1024))), Event::none);
    EXPECT_EQ(peer.wait(20), Event::none);
    EXPECT_EQ(peer.answers(), "");
    EXPECT_EQ(peer.taken.size(), 1024U);
}

INSTANTIATE_TEST_SUITE_P(Table, TftpEnd,
                         testing::Values(End{"an error", error(3), Error::io, ""},
                                         End{"a short error", {0, 5}, Error::io, ""},
                                         End{"nothing", {}, Error::malformed, refusal(4)},
                                         End{"one byte", {0}, Error::malformed, refusal(4)},
                                         End{"a block without a number", {0, 3, 0}, Error::malformed, refusal(4)},
                                         End{"an acknowledgement", packet(4, two(1)), Error::malformed, refusal(4)},
                                         End{"a request", packet(1, "x\0octet\0"s), Error::malformed, refusal(4)},
                                         End{"options once more", accepted(2500), Error::malformed, refusal(4)},
                                         End{"too long a block", data(2, content(1025)), Error::malformed, refusal(4)},
                                         End{"an end too early", data(2, content(1023)), Error::truncated, refusal(0)},
                                         End{"an end without a byte", data(2, {}), Error::truncated, refusal(0)}));

TEST(Tftp, MoreThanWasAnnouncedIsRefused) {
    Peer peer;
    peer.send(accepted(1500));
    peer.send(data(1, content(1024)));
    EXPECT_EQ(peer.send(data(2, content(477))), Event::failed);
    EXPECT_EQ(peer.client.why(), Error::malformed);
}

class TftpOptions : public testing::TestWithParam<std::string> {};

TEST_P(TftpOptions, AreRefused) {
    Peer peer;
    peer.answers();
    EXPECT_EQ(peer.send(packet(6, GetParam())), Event::failed);
    EXPECT_EQ(peer.client.why(), Error::malformed);
    EXPECT_EQ(peer.answers(), refusal(8));
}

INSTANTIATE_TEST_SUITE_P(Table, TftpOptions,
                         testing::Values("blksize\0"s + "1025\0"s, "blksize\0"s + "7\0"s, "blksize\0"s + "\0"s,
                                         "blksize\0"s + "12a4\0"s, "blksize\0"s + "-8\0"s, "blksize\0"s + "1024"s,
                                         "blksize\0"s, "blksize"s, "timeout\0"s + "1\0"s, "\0"s,
                                         "tsize\0"s + "4294967296\0"s, "tsize\0"s + "99999999999999999999999\0"s));

TEST(Tftp, AnswerToOptionsThatWasLostIsGivenAgain) {
    Peer peer;
    peer.send(accepted(3));
    peer.answers();
    peer.send(accepted(3));
    EXPECT_EQ(peer.answers(), "");
    peer.wait(2);
    EXPECT_EQ(peer.answers(), ack(0));
    EXPECT_EQ(peer.send(data(1, content(3))), Event::complete);
}

}  // namespace tftp_test

}  // namespace
}  // namespace sb
