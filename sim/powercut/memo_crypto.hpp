// sim/powercut: a Crypto that remembers: verdicts on signatures, and SHA-256 as a tree of what was fed. A simulated
// power cut asks the same few questions hundreds of times; the answers are a function of the question. Every byte that
// is hashed is still read and fingerprinted: other bytes, another branch of the tree.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "core/crypto/crypto.hpp"
#include "sim/powercut/fingerprint_map.hpp"

namespace sb::sim {

class MemoCrypto final : public Crypto {
public:
    explicit MemoCrypto(Crypto& real) : real_(real) {}

    void sha256_start(Sha256State& state) override;
    void sha256_update(Sha256State& state, Bytes data) override;
    [[nodiscard]] Digest sha256_digest(const Sha256State& state) override;
    [[nodiscard]] bool p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) override;

    /// Off: each question goes to the real one. Requires: no hash is under way.
    void remember(bool on) { remembers_ = on; }
    /// Forgets hashes when there are very many. Requires: no hash is under way.
    void trim();

private:
    using NodeId = std::uint32_t;
    /// What was fed so far, in one or more pieces.
    struct Node {
        Sha256State state{};
        std::optional<Digest> digest{};
    };
    [[nodiscard]] static NodeId node_of(const Sha256State& state) { return load_le<NodeId>(state.storage); }
    static void set_node(Sha256State& state, NodeId node) { store_le<NodeId>(state.storage, 0, node); }

    Crypto& real_;
    bool remembers_ = true;
    std::vector<Node> nodes_;
    FingerprintMap<NodeId> steps_;  // from a node by what is fed there
    std::map<std::tuple<PublicKey, Digest, Signature>, bool> verdicts_;
};

}  // namespace sb::sim
