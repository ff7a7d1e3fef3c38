// ECDSA P-256 of the boards beside OpenSSL's: one verdict on every question. Input: a byte that says how the question
// is made, then numbers. A number is a byte that says where it begins (0, n, p, 2^256, a power of two, or 32 bytes that
// follow) and a byte that is added, -128 to 127.
//   0  key as two numbers, digest, r and s: what nobody signed
//   1  private key d, factors u and v: a good signature (ports/bearssl/testing.hpp)
//   2  u, v, and the key -u/v: the sum is infinity; 3 the key u/v: both halves are the same point
//   4  u, v, a digit's number: the key with which the sum meets G or -G there; 5 the same with Q
//   6  d small, u and v small: all are small multiples of G
// 128 more: a bit of what was made is turned over, by the two bytes that follow.
#include <cstdlib>

#include "ports/bearssl/bearssl_crypto.hpp"
#include "ports/bearssl/testing.hpp"
#include "ports/host/openssl_crypto.hpp"

namespace {

using namespace sb;
using p256::testing::Big;
using p256::testing::Group;
using p256::testing::Question;

class Input {
public:
    explicit Input(Bytes bytes) : rest_(bytes) {}
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_[0];
        rest_ = rest_.subspan(1);
        return first;
    }
    long small() { return static_cast<std::int8_t>(byte()); }

    Big number(const Group& group) {
        Big base;
        const std::uint8_t where = byte();
        if (where < 4) {
            base = std::array<Big, 4>{Big(), group.order(), group.prime(), power(256)}[where];
        } else if (where < 128) {
            base = power(2 * where);
        } else {
            Digest bytes{};
            for (std::uint8_t& digit : bytes) digit = byte();
            base = Big(Bytes(bytes));
        }
        BN_add(base.get(), base.get(), Big(small()).get());
        return base;
    }

private:
    static Big power(int exponent) {
        Big to;
        BN_set_bit(to.get(), exponent);
        return to;
    }
    Bytes rest_;
};

/// The last 256 bits.
Digest cut(Big x, const Group& group) {
    if (BN_is_negative(x.get()) != 0) BN_add(x.get(), x.get(), group.prime().get());
    BN_mask_bits(x.get(), 256);  // fails where there are fewer, and they stay as they are
    return x.bytes();
}

Question unsigned_question(Input& in, const Group& group) {
    Question to;
    copy(to.key, cut(in.number(group), group));
    copy(MutableBytes(to.key).subspan(32), cut(in.number(group), group));
    to.digest = cut(in.number(group), group);
    copy(to.signature, cut(in.number(group), group));
    copy(MutableBytes(to.signature).subspan(32), cut(in.number(group), group));
    return to;
}

/// The key with which 2(a·G + b·Q) is ±G at `digit`, or with `q` ±Q once the digit of u was added; a and b are what
/// stands above that digit.
Big meeting(const Group& group, const Big& u, const Big& v, unsigned digit, bool q, long sign) {
    constexpr std::size_t digits = 257;
    const auto form_of_u = p256::testing::non_adjacent(u, digits);
    const Big twice_a = group.times(2, p256::testing::upper_part(form_of_u, digit + 1));
    const Big twice_b = group.times(2, p256::testing::upper_part(p256::testing::non_adjacent(v, digits), digit + 1));
    if (!q) return group.over(group.plus(sign, group.minus(twice_a)), twice_b);
    return group.over(group.plus(twice_a, form_of_u[digit]), group.plus(sign, group.minus(twice_b)));
}

Question made(Input& in, const Group& group, unsigned how) {
    if (how == 0) return unsigned_question(in, group);
    const auto factor = [&] { return group.plus(how == 6 ? Big(in.small()) : in.number(group), 0); };
    const Big u = factor();
    const Big v = factor();
    Big d;
    if (how == 2) d = group.minus(group.over(u, v));
    if (how == 3) d = group.over(u, v);
    if (how == 4 || how == 5) {
        const unsigned digit = in.byte();
        d = meeting(group, u, v, digit, how == 5, (in.byte() & 1) != 0 ? 1 : -1);
    }
    if (how == 1 || how > 5) d = factor();
    return group.question(d, u, v);
}

void turn_over(Question& question, unsigned part, unsigned bit) {
    const std::array<MutableBytes, 5> parts = {
        MutableBytes(question.key).first(32), MutableBytes(question.key).subspan(32), question.digest,
        MutableBytes(question.signature).first(32), MutableBytes(question.signature).subspan(32)};
    parts[part % parts.size()][bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Group group;
    Input in(Bytes(data, size));
    const std::uint8_t how = in.byte();
    Question question = made(in, group, how % 128 % 7);
    if (how >= 128) {
        const unsigned part = in.byte();
        turn_over(question, part, in.byte());
    }
    OpensslCrypto peer;
    BearsslCrypto ours;
    const bool good = peer.p256_verify(question.key, question.digest, question.signature);
    if (ours.p256_verify(question.key, question.digest, question.signature) != good) std::abort();
    return 0;
}
