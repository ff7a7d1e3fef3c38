#include "tests/stack/sha256_static.hpp"

#include <algorithm>

namespace sb::stack {

namespace {

struct Context {
    std::array<std::uint32_t, 8> h;
    std::array<std::uint8_t, 64> block;
    std::uint32_t bytes;  // hashed so far: below 512 MB
};
static_assert(sizeof(Context) <= sizeof(Sha256State::storage) && alignof(Context) <= alignof(Sha256State));

// FIPS 180-4 §4.2.2 and §5.3.3.
constexpr std::array<std::uint32_t, 64> k = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
constexpr std::array<std::uint32_t, 8> h0 = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// The memory that a library would have on the stack.
std::array<std::uint32_t, 64> w;
std::array<std::uint32_t, 8> v;
Context last;

Context& context_of(Sha256State& state) {
    return *static_cast<Context*>(static_cast<void*>(state.storage.data()));
}

// FIPS 180-4 §6.2.2; v is a, b, … h.
void compress(Context& to) {
    for (std::size_t t = 0; t < 16; ++t) w[t] = load_be<std::uint32_t>(to.block, 4 * t);
    for (std::size_t t = 16; t < 64; ++t) {
        const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
        const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    v = to.h;
    for (std::size_t t = 0; t < 64; ++t) {
        const std::uint32_t s1 = std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25);
        const std::uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[t] + w[t];
        const std::uint32_t s0 = std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22);
        const std::uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        std::copy_backward(v.begin(), v.end() - 1, v.end());
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (std::size_t i = 0; i < v.size(); ++i) to.h[i] += v[i];
}

void put(Context& to, std::uint8_t byte) {
    to.block[to.bytes++ % to.block.size()] = byte;
    if (to.bytes % to.block.size() == 0) compress(to);
}

}  // namespace

void StaticCrypto::sha256_start(Sha256State& state) {
    context_of(state) = {h0, {}, 0};
}

void StaticCrypto::sha256_update(Sha256State& state, Bytes data) {
    for (const std::uint8_t byte : data) put(context_of(state), byte);
}

// The bit 1, zeros, and the length in bits as the last 8 bytes of a block (§5.1.1).
Digest StaticCrypto::sha256_digest(const Sha256State& state) {
    std::memcpy(&last, state.storage.data(), sizeof last);
    const std::uint64_t bits = std::uint64_t{last.bytes} * 8;
    put(last, 0x80);
    while (last.bytes % last.block.size() != last.block.size() - 8) put(last, 0);
    for (int shift = 56; shift >= 0; shift -= 8) put(last, static_cast<std::uint8_t>(bits >> shift));
    Digest digest;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<std::uint8_t>(last.h[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

}  // namespace sb::stack
