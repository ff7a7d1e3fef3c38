#include "tools/diff/sbd/fast_decoder.hpp"

#include <algorithm>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/sbd/fast_header.hpp"
#include "tools/diff/sbd/fast_input.hpp"
#include "tools/diff/sbd/rewriter.hpp"

namespace sb::diff {
namespace {

FastInput part_of(Reader& patch, const FastHeader& header, FastPart which) {
    const auto part = static_cast<std::size_t>(which);
    std::uint32_t from = header.bytes;
    for (std::size_t before = 0; before < part; ++before) from += header.packed_bytes[before];
    return {patch, header.packing[part], from, header.packed_bytes[part]};
}

FastHeader header_of(Reader& patch) {
    return read_fast_header(read_head(patch, most_header_bytes), patch.bytes());
}

std::vector<MapBlock> read_covers(Reader& patch, const FastHeader& header) {
    FastInput gaps = part_of(patch, header, FastPart::gaps), lengths = part_of(patch, header, FastPart::lengths),
              diagonals = part_of(patch, header, FastPart::diagonals);
    const std::uint32_t old_bytes = header.ground().old_bytes(), new_bytes = header.ground().new_bytes();
    std::vector<MapBlock> covers;
    std::uint32_t end = 0, diagonal = 0;
    for (std::uint32_t left = header.covers; left != 0; --left) {
        const std::uint32_t gap = gaps.number(), bytes = lengths.number();
        diagonal += unfolded(diagonals.number());
        if (gap > new_bytes - end || bytes > new_bytes - end - gap) refuse(Error::bad_patch, header.bytes);
        const MapBlock cover{end + gap, diagonal + end + gap, bytes};
        if (cover.old_at > old_bytes || bytes > old_bytes - cover.old_at) refuse(Error::bad_patch, header.bytes);
        covers.push_back(cover);
        end = cover.new_at + bytes;
    }
    for (FastInput* const part : {&gaps, &lengths, &diagonals}) part->expect_end();
    return covers;
}

std::vector<Reading> read_pages(Reader& patch, const FastHeader& header) {
    FastInput in = part_of(patch, header, FastPart::pages);
    std::vector<Reading> pages;
    for (std::uint32_t left = pages_of(header.ground().new_bytes()); left != 0; --left) {
        const std::uint8_t reading = in.byte();
        if (reading >= readings) refuse(Error::bad_patch, header.bytes);
        pages.push_back(static_cast<Reading>(reading));
    }
    in.expect_end();
    return pages;
}

/// The tables of types that a patch speaks of, if it does.
struct Types {
    std::optional<TypeTable> table;  ///< of the old image
    std::optional<TypeMap> map;
};

void read_types(Reader& old, Reader& patch, const FastHeader& header, Types& to) {
    FastInput in = part_of(patch, header, FastPart::types);
    const std::uint32_t count = in.number();
    if (count > most_type_steps) refuse(Error::too_large, header.bytes);
    if (count != 0) {
        const std::uint32_t old_header_at = in.number(), new_strings_at = in.number();
        std::vector<TypeStep> steps;
        TypeStep step;
        for (std::uint32_t left = count - 1; left != 0; --left) {
            const std::uint32_t further = in.number();
            if (further > ~step.from) refuse(Error::bad_patch, header.bytes);
            step.from += further;
            step.moved_by += unfolded(in.number());
            steps.push_back(step);
        }
        const auto place = read_type_header(old, old_header_at);
        if (!place) throw PatchError(Error::wrong_source, 0, "the old file has no table of types where one should be");
        to.table.emplace(old, *place);
        to.map.emplace(*to.table, new_strings_at, steps);
    }
    in.expect_end();
}

class FastDecoder {
public:
    FastDecoder(Reader& old, Reader& patch, const FastHeader& header)
        : old_(old),
          header_(header),
          covers_(read_covers(patch, header)),
          pages_(read_pages(patch, header)),
          steps_(covers_),
          rewriter_(header.ground(), steps_, types_of(patch)),
          distances_(part_of(patch, header, FastPart::distances)),
          fixes_(part_of(patch, header, FastPart::fixes)),
          extra_(part_of(patch, header, FastPart::extra)),
          window_(chunk_bytes + 2 * field_margin),
          room_(chunk_bytes),
          fixes_left_(header.fixes) {
        next_fix();
    }

    /// Writes the new image and answers its digest.
    Digest run(Sink& out) {
        OpensslCrypto crypto;
        Sha256 digest(crypto);
        const std::uint32_t new_bytes = header_.ground().new_bytes();
        for (std::uint32_t at = 0; at < new_bytes; at += chunk_bytes) {
            const MutableBytes made = MutableBytes(room_).first(std::min(chunk_bytes, new_bytes - at));
            make(at, made);
            digest.update(made);
            out.write(made);
        }
        if (fix_at_ != no_fix) refuse(Error::bad_patch, header_.bytes);
        for (FastInput* const part : {&distances_, &fixes_, &extra_}) part->expect_end();
        return digest.digest();
    }

private:
    static constexpr std::uint32_t chunk_bytes = 16 * page_bytes;
    static constexpr std::uint64_t no_fix = ~std::uint64_t{0};

    const TypeMap* types_of(Reader& patch) {
        read_types(old_, patch, header_, types_);
        return types_.map ? &*types_.map : nullptr;
    }

    /// Makes the new image from `at` on.
    void make(std::uint32_t at, MutableBytes made) {
        const auto end = at + static_cast<std::uint32_t>(made.size());
        for (std::uint32_t done = at; done != end;) {
            while (cover_ != covers_.size() && covers_[cover_].new_at + covers_[cover_].bytes <= done) ++cover_;
            const std::uint32_t begin = cover_ == covers_.size() ? end : std::min(covers_[cover_].new_at, end);
            if (done < begin) {
                extra_.read(made.subspan(done - at, begin - done));
                done = begin;
            } else {
                const MapBlock& cover = covers_[cover_];
                const std::uint32_t stop = std::min(cover.new_at + cover.bytes, end);
                predict(done + cover.diagonal(), done, made.subspan(done - at, stop - done));
                done = stop;
            }
        }
        for (; fix_at_ < end; next_fix()) {
            std::uint8_t& byte = made[static_cast<std::size_t>(fix_at_ - at)];
            byte = static_cast<std::uint8_t>(byte + fixes_.byte());
        }
    }

    void predict(std::uint32_t old_at, std::uint32_t new_at, MutableBytes made) {
        const std::uint32_t old_end = old_at + static_cast<std::uint32_t>(made.size());
        const std::uint32_t from = old_at - std::min(old_at, field_margin);
        const std::uint32_t until = old_end + std::min(header_.ground().old_bytes() - old_end, field_margin);
        const MutableBytes window = MutableBytes(window_).first(until - from);
        if (const auto read = old_.read(from, window); !read) refuse(read.error(), 0);
        copy(made, Bytes(window).subspan(old_at - from, made.size()));
        for (std::uint32_t into = 0; into < made.size();) {
            const std::uint32_t at = new_at + into;
            const auto bytes = std::min(page_bytes - at % page_bytes, static_cast<std::uint32_t>(made.size()) - into);
            rewriter_.rewrite(pages_[at / page_bytes], {window, from}, old_at + into, at, made.subspan(into, bytes));
            into += bytes;
        }
    }

    void next_fix() {
        fix_at_ = fixes_left_ == 0 ? no_fix : fixes_end_ + distances_.number();
        if (fixes_left_ == 0) return;
        --fixes_left_;
        fixes_end_ = fix_at_ + 1;
    }

    Reader& old_;
    const FastHeader& header_;
    std::vector<MapBlock> covers_;
    std::vector<Reading> pages_;
    AddressSteps steps_;
    Types types_;
    Rewriter rewriter_;
    FastInput distances_, fixes_, extra_;
    std::vector<std::uint8_t> window_, room_;
    std::size_t cover_ = 0;  ///< the present or the next one
    std::uint32_t fixes_left_;
    std::uint64_t fixes_end_ = 0;  ///< behind the last one
    std::uint64_t fix_at_ = no_fix;
};

bool is_old_image(Reader& old, const sbd::Plan& plan) {
    OpensslCrypto crypto;
    Sha256 digest(crypto);
    std::vector<std::uint8_t> room(std::size_t{1} << 16);
    for (std::uint32_t at = 0; at < old.bytes();) {
        const auto part = MutableBytes(room).first(std::min<std::size_t>(room.size(), old.bytes() - at));
        if (const auto read = old.read(at, part); !read) refuse(read.error(), 0);
        digest.update(part);
        at += static_cast<std::uint32_t>(part.size());
    }
    return equal(Bytes(digest.digest()).first(plan.old_digest.size()), plan.old_digest);
}

}  // namespace

void apply_fast(Reader& old, Reader& patch, Sink& out) {
    const FastHeader header = header_of(patch);
    const sbd::Plan& plan = header.prepared.plan;
    if (old.bytes() != header.ground().old_bytes())
        throw PatchError(Error::wrong_source, 0, "the patch was made from another old file (of another size)");
    const Digest digest = FastDecoder(old, patch, header).run(out);
    if (equal(Bytes(digest).first(plan.new_digest.size()), plan.new_digest)) return;
    // only now is it worth the time to ask why
    if (!is_old_image(old, plan)) throw PatchError(Error::wrong_source, 0, "the patch was made from another old file");
    throw PatchError(Error::bad_digest, 0, "the patch is damaged: it makes another file than it should");
}

PatchInfo inspect_fast(Bytes patch) {
    MemoryReader reader(patch);
    const FastHeader header = header_of(reader);
    PatchInfo info;
    info.format = fast_form_name;
    info.old_bytes = header.ground().old_bytes();
    info.new_bytes = header.ground().new_bytes();
    info.blocks.push_back({"preamble", header.bytes, header.bytes});
    const std::vector<MapBlock> covers = read_covers(reader, header);
    for (const MapBlock& cover : covers) info.covers.push_back({cover.new_at, cover.old_at, cover.bytes, cover.bytes});
    FastInput distances = part_of(reader, header, FastPart::distances);
    std::uint64_t at = 0;
    auto cover = info.covers.begin();
    for (std::uint32_t left = header.fixes; left != 0; --left) {
        at += distances.number();
        if (at >= info.new_bytes) refuse(Error::bad_patch, header.bytes);
        while (cover != info.covers.end() && cover->new_at + cover->bytes <= at) ++cover;
        if (cover != info.covers.end() && at >= cover->new_at) --cover->unchanged_bytes;
        ++at;
    }
    distances.expect_end();
    info.extra_bytes = info.new_bytes - info.covered_bytes();
    constexpr std::uint64_t number = 5;  // bytes at most
    const std::uint64_t numbers = number * header.covers;
    const std::uint64_t type_numbers = number * (2 * std::uint64_t{most_type_steps} + 3);
    const std::array<std::uint64_t, fast_parts> most{
        numbers,      numbers,          numbers,     pages_of(header.ground().new_bytes()), number * header.fixes,
        header.fixes, info.extra_bytes, type_numbers};
    for (std::size_t part = 0; part < fast_parts; ++part) {
        FastInput in = part_of(reader, header, static_cast<FastPart>(part));
        info.blocks.push_back(
            {std::string(fast_part_names[part]), header.packed_bytes[part], in.count_all(most[part])});
    }
    return info;
}

}  // namespace sb::diff
