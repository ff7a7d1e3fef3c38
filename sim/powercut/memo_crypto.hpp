// sim/powercut: a Crypto that remembers verdicts on signatures. A simulated power cut asks the same few questions
// hundreds of times; the answers are a function of the question.
#pragma once

#include <map>
#include <tuple>

#include "core/crypto/crypto.hpp"

namespace sb::sim {

class MemoCrypto final : public Crypto {
public:
    explicit MemoCrypto(Crypto& real) : real_(real) {}

    void sha256_start(Sha256State& state) override { real_.sha256_start(state); }
    void sha256_update(Sha256State& state, Bytes data) override { real_.sha256_update(state, data); }
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override { return real_.sha256_digest(state); }
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override {
        const auto [entry, fresh] = verdicts_.try_emplace({key, digest, signature}, false);
        if (fresh) entry->second = real_.p256_verify(key, digest, signature);
        return entry->second;
    }

private:
    Crypto& real_;
    std::map<std::tuple<PublicKey, Digest, Signature>, bool> verdicts_;
};

}  // namespace sb::sim
