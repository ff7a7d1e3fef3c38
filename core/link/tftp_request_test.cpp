#include "core/link/tftp_request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sb {
namespace {

TEST(TftpRequest, NamesServerPortAndFile) {
    const Result<TftpRequest> plain = parse_tftp_request("tftp 10.0.2.2 UPDATE.SWB");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->server, 0x0A000202U);
    EXPECT_EQ(plain->port, 69);
    EXPECT_EQ(plain->name, "UPDATE.SWB");
    const Result<TftpRequest> all = parse_tftp_request("tftp 255.0.1.200:65535 a/b");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->server, 0xFF0001C8U);
    EXPECT_EQ(all->port, 65535);
    EXPECT_EQ(all->name, "a/b");
    EXPECT_TRUE(parse_tftp_request("tftp 1.2.3.4 " + std::string(64, 'x')));
}

TEST(TftpRequest, AnythingElseIsRefused) {
    for (const std::string& line :
         {std::string(), std::string("tftp"), std::string("tftp "), std::string("tftp 1.2.3.4"),
          std::string("tftp 1.2.3.4 "), std::string("tftp 1.2.3 x"), std::string("tftp 1.2.3.256 x"),
          std::string("tftp 1.2.3.4.5 x"), std::string("tftp 1..3.4 x"), std::string("tftp 1.2.3.4:0 x"),
          std::string("tftp 1.2.3.4:65536 x"), std::string("tftp 1.2.3.4: x"), std::string("tftp 1.2.3.4 a b"),
          std::string("tftp 1.2.3.4  x"), std::string("tftp 4294967297.2.3.4 x"), std::string("tftp 1.2.3.4 \x01"),
          std::string("TFTP 1.2.3.4 x"), std::string("tftp host x"), "tftp 1.2.3.4 " + std::string(65, 'x')}) {
        const Result<TftpRequest> parsed = parse_tftp_request(line);
        ASSERT_FALSE(parsed) << line;
        EXPECT_EQ(parsed.error(), Error::malformed) << line;
    }
}

}  // namespace
}  // namespace sb
