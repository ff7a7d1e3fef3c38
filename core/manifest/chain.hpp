// core/manifest: the payload chain. A block on the wire is its data and, unless it is the last one, a link: the first
// 16 bytes of SHA-256 of the next block as it stands on the wire. The digest of block 0 is signed (the payload
// descriptor), so each block is authentic before a byte of it is used, at constant memory; to go on after a reset only
// (block number, expected digest) are needed.
//
//   ChainReader chain(package.payload, 0, package.payload.first_block);
//   while (!chain.complete()) { collect chain.wire_bytes() bytes; data = chain.accept(crypto, them); … }
#pragma once

#include "core/manifest/package.hpp"

namespace sb {

class ChainReader {
public:
    ChainReader() = default;
    /// Goes on at block number `next_block`, whose digest is `expected`.
    ChainReader(const PayloadDescriptor& payload, std::uint32_t next_block, const BlockDigest& expected)
        : block_bytes_(payload.block_bytes),
          payload_bytes_(payload.payload_bytes),
          blocks_(payload.blocks()),
          next_block_(next_block),
          expected_(expected) {}

    /// The same chain from another block on.
    void go_to(std::uint32_t next_block, const BlockDigest& expected) {
        next_block_ = next_block;
        expected_ = expected;
    }
    /// Payload of a block, but for the last one.
    [[nodiscard]] std::uint32_t block_bytes() const { return block_bytes_; }

    /// Whether every block was accepted.
    [[nodiscard]] bool complete() const { return next_block_ >= blocks_; }
    /// The number of the block that comes next, counted from 0.
    [[nodiscard]] std::uint32_t next_block() const { return next_block_; }
    /// Its expected digest.
    [[nodiscard]] const BlockDigest& expected() const { return expected_; }
    /// Its length on the wire: data and link. 0 when the chain is complete.
    [[nodiscard]] std::uint32_t wire_bytes() const;

    /// Checks the next block; gives its data, a part of `wire`, and moves on. After an error the same block is
    /// expected again. Errors: bad_digest; truncated or trailing_data when `wire` is not wire_bytes() long.
    [[nodiscard]] Result<Bytes> accept(Crypto& crypto, Bytes wire);

private:
    [[nodiscard]] bool at_last() const { return next_block_ + 1 == blocks_; }

    std::uint32_t block_bytes_ = 0;
    std::uint32_t payload_bytes_ = 0;
    std::uint32_t blocks_ = 0;
    std::uint32_t next_block_ = 0;
    BlockDigest expected_{};
};

/// The digest of a block on the wire, as its predecessor's link names it.
[[nodiscard]] BlockDigest block_digest(Crypto& crypto, Bytes wire);

}  // namespace sb
