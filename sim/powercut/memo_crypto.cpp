#include "sim/powercut/memo_crypto.hpp"

namespace sb::sim {

namespace {
constexpr std::size_t many_nodes = 16'384;  // about 4 MB: what a processor has at hand
}

void MemoCrypto::sha256_start(Sha256State& state) {
    if (!remembers_) return real_.sha256_start(state);
    if (nodes_.empty()) real_.sha256_start(nodes_.emplace_back().state);
    set_node(state, 0);
}

void MemoCrypto::sha256_update(Sha256State& state, Bytes data) {
    if (!remembers_) return real_.sha256_update(state, data);
    const NodeId from = node_of(state);
    const Fingerprint step = fingerprint(data, {from, ~std::uint64_t{from}});
    if (const NodeId* const known = steps_.find(step)) return set_node(state, *known);
    Node node{.state = nodes_[from].state};
    real_.sha256_update(node.state, data);
    const auto fresh = static_cast<NodeId>(nodes_.size());
    nodes_.push_back(node);
    steps_.add(step, fresh);
    set_node(state, fresh);
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
    steps_ = {};
}

}  // namespace sb::sim
