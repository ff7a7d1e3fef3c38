#include "sim/powercut/memo_crypto.hpp"

namespace sb::sim {

namespace {
constexpr std::size_t many_nodes = 200'000;  // about 50 MB
}

void MemoCrypto::sha256_start(Sha256State& state) {
    if (!remembers_) return real_.sha256_start(state);
    if (nodes_.empty()) real_.sha256_start(nodes_.emplace_back().state);
    set_node(state, 0);
}

void MemoCrypto::sha256_update(Sha256State& state, Bytes data) {
    if (!remembers_) return real_.sha256_update(state, data);
    const Step step{node_of(state), fingerprint(data)};
    const auto [entry, fresh] = steps_.try_emplace(step, static_cast<NodeId>(nodes_.size()));
    if (fresh) {
        Node node{.state = nodes_[step.from].state};
        real_.sha256_update(node.state, data);
        nodes_.push_back(node);
    }
    set_node(state, entry->second);
}

Digest MemoCrypto::sha256_digest(const Sha256State& state) {
    if (!remembers_) return real_.sha256_digest(state);
    Node& node = nodes_[node_of(state)];
    if (!node.digest) node.digest = real_.sha256_digest(node.state);
    return *node.digest;
}

bool MemoCrypto::p256_verify(const PublicKey& key, const Digest& digest, const Signature& signature) {
    if (!remembers_) return real_.p256_verify(key, digest, signature);
    const auto [entry, fresh] = verdicts_.try_emplace({key, digest, signature}, false);
    if (fresh) entry->second = real_.p256_verify(key, digest, signature);
    return entry->second;
}

void MemoCrypto::trim() {
    if (nodes_.size() < many_nodes) return;
    nodes_.clear();
    steps_.clear();
}

}  // namespace sb::sim
