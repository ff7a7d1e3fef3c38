// core/install: from the blocks of a payload chain to bytes in flash. Each block is authenticated, decoded, written,
// read back, and how far that came is recorded. Where the blocks come from, a link or flash where they were staged, is
// for the caller, and so is the verdict on what was made.
//
//   Making making(journal, crypto, region, work, max_block_bytes);
//   making.prepare(package, decoders, old_image);
//   making.go_on(journal.state().install);
//   while (!making.complete()) making.take(bytes_of_chain_at(making.wanted()));
#pragma once

#include "core/delta/factory.hpp"
#include "core/flash/map.hpp"
#include "core/install/slot_writer.hpp"
#include "core/journal/journal.hpp"
#include "core/manifest/chain.hpp"
#include "core/manifest/package.hpp"

namespace sb {

/// Of the work memory, what holds the envelope first and one block after the other later.
[[nodiscard]] constexpr std::size_t io_bytes(std::uint32_t max_block_bytes) {
    const std::size_t block = max_block_bytes + sizeof(BlockDigest);
    const std::size_t most = block > max_envelope_bytes ? block : max_envelope_bytes;
    return (most + 7) / 8 * 8;  // the decoder's memory begins aligned behind it
}

/// Work memory that is needed, decoder included.
[[nodiscard]] constexpr std::size_t install_work_bytes(std::uint32_t max_block_bytes, std::uint32_t decoder_ram_bytes) {
    return io_bytes(max_block_bytes) + SlotWriter::stage_bytes + decoder_ram_bytes +
           (decoder_ram_bytes == 0 ? 0 : host_extra_bytes);
}

/// The result of something that can be done without, unless there is no supply for anything.
[[nodiscard]] inline Result<void> unless_gone(const Result<void>& result) {
    return !result && goes_on_by_itself(result.error()) ? result : Result<void>{};
}

/// Who else keeps how far a making came.
class ProgressKeeper {
public:
    [[nodiscard]] virtual Result<void> begin(const State& state) = 0;
    [[nodiscard]] virtual Result<void> add(const State& state) = 0;

protected:
    ~ProgressKeeper() = default;
};

class Making {
public:
    /// `work` is aligned to 8 bytes and holds install_work_bytes().
    Making(Journal& journal, Crypto& crypto, const Region& to, MutableBytes work, std::uint32_t max_block_bytes);
    Making(const Making&) = delete;
    Making& operator=(const Making&) = delete;

    /// What is made of a payload.
    struct Part {
        std::uint32_t from = 0;  ///< where in the payload its patch begins
        std::uint32_t to = 0;    ///< and ends
        std::uint32_t image_bytes = 0;
        Bytes parameters{};
    };

    /// Gets ready to make `made` of the package from `old`; both outlive this. Errors: those of sb::make_decoder.
    [[nodiscard]] Result<void> prepare(const Package& package, std::span<const DecoderEntry> decoders, Reader& old,
                                       const Part& made);
    /// Gets ready to keep a package as it comes: its envelope of `envelope_bytes` and the chain of `payload`, in
    /// `area`. Records count its blocks from `first_block` on.
    void prepare_to_keep(const PayloadDescriptor& payload, std::uint32_t envelope_bytes, const Region& area,
                         std::uint32_t first_block = 0);
    /// Begins anew: what is made next goes to `to`. Requires: prepare() or prepare_to_keep() follows.
    void write_to(const Region& to);
    /// Each record also goes there.
    void tell_progress_to(ProgressKeeper& keeper) { keeper_ = &keeper; }
    /// Holds the image to what check_fit() says of it for `slot`, as soon as its header is there.
    void check_header_for(const FlashMap& map, SlotId slot) {
        fit_map_ = &map;
        fit_slot_ = slot;
    }

    /// Where `from` says, which the journal holds. False: that makes no sense; then only at the beginning (`from`
    /// without output). Writes nothing yet. What is kept begins with the envelope, which io() still holds then.
    [[nodiscard]] bool go_on(const InstallState& from);

    /// Takes of `data` what it can use, the chain's bytes from wanted() on.
    /// Errors: bad_digest: the block does not verify, nothing of it was used, and it is wanted again. All others end
    /// it: those of the decoder, the flash and the journal; truncated, trailing_data; those of check_fit.
    [[nodiscard]] Result<void> take(Bytes& data);
    /// Offset in the chain of the byte that is wanted next.
    [[nodiscard]] std::uint64_t wanted() const;
    /// Whether all of it is written.
    [[nodiscard]] bool complete() const { return complete_; }

    [[nodiscard]] std::uint32_t bytes_written() const { return writer_.bytes_written(); }
    /// Whether there is room for an envelope and a block, and to write.
    [[nodiscard]] bool has_memory() const { return stage_.size() == SlotWriter::stage_bytes; }
    [[nodiscard]] MutableBytes io() const { return io_; }
    /// For hashing while the decoder is not at work: verification and decoding share their memory.
    [[nodiscard]] MutableBytes scratch() const {
        if (decoder_ != nullptr) return stage_;
        return decoder_work_.size() > stage_.size() ? decoder_work_ : stage_;
    }

private:
    Result<void> feed(Bytes in);
    Result<void> check_header(std::size_t staged);
    Result<void> record_progress();
    Result<void> finish();
    /// The chain's block that holds byte `at` of the decoder's input, and how far into it that is.
    struct Place {
        std::uint32_t block;
        std::uint32_t within;
    };
    [[nodiscard]] Place place_of(std::uint32_t at) const;

    Journal& journal_;
    Crypto& crypto_;
    MutableBytes io_;     // the envelope, then one block at a time
    MutableBytes stage_;  // bytes on their way to the flash
    MutableBytes decoder_work_;
    SlotWriter writer_;
    WrittenImage made_image_;
    ChainReader chain_;
    Decoder* decoder_ = nullptr;
    DecoderStorage decoder_storage_;
    ProgressKeeper* keeper_ = nullptr;
    const FlashMap* fit_map_ = nullptr;
    SlotId fit_slot_ = SlotId::a;
    std::uint32_t out_bytes_ = 0;  // that will be written
    std::uint32_t from_ = 0;       // in the payload, where what is made begins
    std::uint32_t to_ = 0;         // and ends
    std::uint32_t kept_ = 0;       // of these, an envelope that comes before the chain's blocks, links and all; 0: none
    std::uint32_t counted_from_ = 0;  // number of the chain's first block in records
    std::uint32_t filled_ = 0;        // bytes in io_
    std::uint32_t skip_ = 0;          // of the block that comes next, bytes that lie before the checkpoint
    BlockDigest block_digest_{};      // expected digest of the block that is being decoded
    bool envelope_waits_ = false;     // in io_, to be written first
    bool header_checked_ = false;
    bool complete_ = false;
};

/// Of a package: the image that it is for, or the way back of one that rewrites.
[[nodiscard]] Making::Part part_of(const Package& package, bool way_back = false);

}  // namespace sb
