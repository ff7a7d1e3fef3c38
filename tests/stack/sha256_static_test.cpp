#include "tests/stack/sha256_static.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "ports/host/openssl_crypto.hpp"

namespace sb::stack {
namespace {

TEST(StaticSha256, AgreesWithOpensslAtEveryLengthAroundTheBlock) {
    StaticCrypto ours;
    OpensslCrypto theirs;
    std::vector<std::uint8_t> data;
    for (std::size_t length = 0; length < 200; ++length) {
        EXPECT_EQ(sha256(ours, data), sha256(theirs, data)) << length << " bytes";
        data.push_back(static_cast<std::uint8_t>(length * 37));
    }
}

TEST(StaticSha256, GoesOnAfterADigest) {
    StaticCrypto ours;
    const std::array<std::uint8_t, 100> data{1, 2, 3};
    Sha256 hash(ours);
    hash.update(Bytes(data).first(30));
    static_cast<void>(hash.digest());
    hash.update(Bytes(data).subspan(30));
    EXPECT_EQ(hash.digest(), sha256(ours, data));
}

}  // namespace
}  // namespace sb::stack
