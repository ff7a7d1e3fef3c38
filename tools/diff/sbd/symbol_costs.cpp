#include "tools/diff/sbd/symbol_costs.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>

#include "tools/diff/sbd/input_file.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t none = 0xffffffff;

std::string demangled(const std::string& name) {
    if (!name.starts_with("_Z")) return name;
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> plain(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                       std::free);
    return status == 0 ? std::string(plain.get()) : name;
}

/// Where what an ELF file holds begins in its image: there may be a header in front, and stamps and sums in it differ.
/// The place on which most of 64 samples agree.
std::int64_t place_in(Bytes image, Bytes held, const char* which) {
    constexpr std::size_t sample_bytes = 32, samples = 64;
    std::map<std::int64_t, std::size_t> votes;
    std::size_t asked = 0;
    for (std::size_t k = 0; k < samples && held.size() >= sample_bytes; ++k) {
        const std::size_t from = (held.size() - sample_bytes) * k / (samples - 1);
        const Bytes sample = held.subspan(from, sample_bytes);
        if (std::ranges::count(sample, sample[0]) > 16) continue;  // filling is everywhere
        ++asked;
        // most images begin with what the file holds
        if (from + sample_bytes <= image.size() && equal(image.subspan(from, sample_bytes), sample)) {
            ++votes[0];
            continue;
        }
        const auto found = std::search(image.begin(), image.end(), sample.begin(), sample.end());
        if (found != image.end()) ++votes[found - image.begin() - static_cast<std::int64_t>(from)];
    }
    const auto most = std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
    if (most == votes.end() || 2 * most->second < asked)
        throw InputError(std::string("the ") + which + " image did not come from the " + which + " ELF file");
    return most->first;
}

/// A symbol or section at its place in the image.
struct Piece {
    std::string name;
    Part part;
    std::uint32_t at;
    std::uint32_t bytes;
};

/// An image, and to which piece each of its bytes belongs.
class Layout {
public:
    Layout(Bytes image, Bytes file, const char* which) : elf_(file), size_(image.size()), owner_(image.size(), none) {
        if (elf_.segments().empty()) throw InputError(std::string("the ") + which + " ELF file holds no image");
        const InputImage held = unwrap_elf(file);
        first_ = place_in(image, held.bytes, which);
        flash_ = held.flash_address;
        mark_segments();
        for (const ElfSection& section : elf_.sections()) {
            for (const ElfSegment& segment : elf_.segments())
                if (section.offset >= segment.offset && section.offset - segment.offset < segment.file_bytes)
                    add(section.name, Part::section, segment, section.offset - segment.offset, section.bytes);
        }
        std::vector<ElfSymbol> symbols = elf_.symbols();
        if (symbols.empty()) throw InputError(std::string("the ") + which + " ELF file has no symbols");
        // what lies inside of something larger is painted over it; of two names for one thing the first one counts
        std::ranges::stable_sort(symbols, [](const ElfSymbol& a, const ElfSymbol& b) {
            return a.bytes != b.bytes ? a.bytes > b.bytes : a.address < b.address;
        });
        const ElfSymbol* before = nullptr;
        for (const ElfSymbol& symbol : symbols) {
            const bool alias = before != nullptr && before->address == symbol.address && before->bytes == symbol.bytes;
            before = &symbol;
            for (const ElfSegment& segment : elf_.segments())
                if (!alias && symbol.address >= segment.address &&
                    symbol.address - segment.address < segment.file_bytes)
                    add(symbol.name, symbol.is_function ? Part::function : Part::object, segment,
                        symbol.address - segment.address, symbol.bytes);
        }
    }

    [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
    /// The piece that byte `at` belongs to; `none`.
    [[nodiscard]] std::uint32_t owner(std::size_t at) const { return owner_[at]; }
    /// Whether the ELF file holds it.
    [[nodiscard]] bool holds(std::size_t at) const { return held_[at]; }
    [[nodiscard]] bool is_symbol(std::uint32_t piece) const {
        return piece != none && (pieces_[piece].part == Part::function || pieces_[piece].part == Part::object);
    }

private:
    [[nodiscard]] std::int64_t place(const ElfSegment& segment, std::uint64_t into) const {
        return first_ + static_cast<std::int64_t>(segment.flash - flash_) + static_cast<std::int64_t>(into);
    }
    void mark_segments() {
        held_.assign(size_, false);
        for (const ElfSegment& segment : elf_.segments()) {
            const std::int64_t from = place(segment, 0), end = from + segment.file_bytes;
            for (std::int64_t at = std::max<std::int64_t>(from, 0); at < std::min(end, std::int64_t(size_)); ++at)
                held_[static_cast<std::size_t>(at)] = true;
        }
    }
    void add(const std::string& name, Part part, const ElfSegment& segment, std::uint64_t into, std::uint64_t bytes) {
        bytes = std::min(bytes, segment.file_bytes - into);
        const std::int64_t from = place(segment, into);
        if (from < 0 || from >= std::int64_t(size_)) return;
        const auto at = static_cast<std::uint32_t>(from);
        const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, size_ - at));
        const auto piece = static_cast<std::uint32_t>(pieces_.size());
        pieces_.push_back({name, part, at, length});
        std::fill_n(owner_.begin() + at, length, piece);
    }

    ElfFile elf_;
    std::size_t size_;
    std::int64_t first_ = 0;
    std::uint32_t flash_ = 0;
    std::vector<Piece> pieces_;
    std::vector<std::uint32_t> owner_;
    std::vector<bool> held_;
};

/// Finds out what each new symbol was in the old image.
class Ancestors {
public:
    Ancestors(const Layout& before, const Layout& after, const SbdExplanation& explained)
        : after_(after), sources_(after.pieces().size()) {
        for (std::uint32_t k = 0; k < before.pieces().size(); ++k)
            if (before.is_symbol(k)) old_named_[before.pieces()[k].name].push_back(k);
        for (std::uint32_t k = 0; k < after.pieces().size(); ++k)
            if (after.is_symbol(k)) new_named_[after.pieces()[k].name].push_back(k);
        const std::uint32_t old_bytes = explained.plan().ground.old_bytes();
        for (const SourceRun& run : explained.with_old->made.runs) {
            if (run.source_at >= old_bytes) continue;
            for (std::uint32_t k = 0; k < run.bytes; ++k) {
                const std::uint32_t made = after.owner(run.new_at + k);
                if (!after.is_symbol(made) || !explained.with_old->account.bytes[run.new_at + k].hit) continue;
                const std::uint32_t from = before.owner(run.source_at + k);
                if (before.is_symbol(from)) ++sources_[made][from];
            }
        }
    }

    /// The old symbol of the same name; of several the one that most bytes came from, else in their order; without one
    /// of that name, the one that half of the bytes came from.
    [[nodiscard]] std::uint32_t of(std::uint32_t piece) const {
        const std::string& name = after_.pieces()[piece].name;
        const auto& from = sources_[piece];
        const auto most = std::ranges::max_element(from, {}, [](const auto& one) { return one.second; });
        if (const auto named = old_named_.find(name); named != old_named_.end()) {
            if (most != from.end() && std::ranges::find(named->second, most->first) != named->second.end())
                return most->first;
            const auto& siblings = new_named_.at(name);
            const auto place = static_cast<std::size_t>(std::ranges::find(siblings, piece) - siblings.begin());
            return named->second[std::min(place, named->second.size() - 1)];
        }
        return most != from.end() && 2 * most->second >= after_.pieces()[piece].bytes ? most->first : none;
    }

private:
    const Layout& after_;
    std::vector<std::map<std::uint32_t, std::uint32_t>> sources_;  ///< by new piece: bytes from each old one
    std::map<std::string, std::vector<std::uint32_t>> old_named_, new_named_;
};

Change change_of(Bytes was, Bytes now, std::span<const ByteCost> costs) {
    if (was.size() != now.size()) return Change::changed;
    Change change = Change::none;
    for (std::size_t k = 0; k < now.size(); ++k) {
        if (was[k] == now[k]) continue;
        if (costs[k].field == sbd::FieldKind::none) return Change::changed;
        change = Change::addresses;
    }
    return change;
}

class Attribution {
public:
    Attribution(const SbdExplanation& explained, Bytes old, Bytes old_elf, Bytes new_elf)
        : explained_(explained),
          old_(old),
          new_(explained.with_old->made.image),
          before_(old, old_elf, "old"),
          after_(new_, new_elf, "new"),
          ancestors_(before_, after_, explained) {}

    SymbolCosts run() {
        std::vector<SymbolCost> of_piece(after_.pieces().size());
        std::vector<std::uint64_t> fields(of_piece.size());
        SymbolCost between{.name = "(between)", .part = Part::between};
        SymbolCost not_elf{.name = "(not in the ELF file)", .part = Part::not_elf};
        const auto& bytes = explained_.with_old->account.bytes;
        double plain_bits = 0, plain_bytes = 0;
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const ByteCost& cost = bytes[at];
            const std::uint32_t piece = after_.owner(at);
            add(piece != none ? of_piece[piece] : after_.holds(at) ? between : not_elf, cost);
            if (cost.field != sbd::FieldKind::none && piece != none) ++fields[piece];
            if (cost.field != sbd::FieldKind::none || !cost.hit || cost.jumped) continue;
            plain_bits += cost.bits;
            ++plain_bytes;
        }
        const double plain = plain_bytes == 0 ? 0 : plain_bits / plain_bytes;
        SymbolCosts made;
        for (std::uint32_t k = 0; k < of_piece.size(); ++k) {
            SymbolCost& cost = of_piece[k];
            if (cost.bytes == 0) continue;
            describe(k, cost);
            const bool still = cost.change == Change::none || cost.change == Change::addresses;
            const double above = cost.jump_bits + cost.field_bits - plain * static_cast<double>(fields[k]);
            if (still && above > 0) {
                made.pinned_bits += above;
                ++made.pinned_symbols;
            }
            made.costs.push_back(std::move(cost));
        }
        add_the_rest(made, between, not_elf);
        std::ranges::stable_sort(made.costs, std::ranges::greater{}, &SymbolCost::bits);
        return made;
    }

private:
    static void add(SymbolCost& to, const ByteCost& cost) {
        ++to.bytes;
        to.bits += cost.bits;
        to.jump_bits += cost.jump_bits;
        if (cost.field != sbd::FieldKind::none) to.field_bits += cost.bits - cost.jump_bits;
    }

    void describe(std::uint32_t k, SymbolCost& cost) const {
        const Piece& piece = after_.pieces()[k];
        cost.part = piece.part;
        cost.name = piece.part == Part::section ? "(" + piece.name + ")" : demangled(piece.name);
        if (!after_.is_symbol(k)) return;
        const std::uint32_t from = ancestors_.of(k);
        cost.change = Change::added;
        if (from == none) return;
        const Piece& was = before_.pieces()[from];
        if (was.name != piece.name) cost.was = demangled(was.name);
        cost.moved = std::int64_t{piece.at} - std::int64_t{was.at};
        cost.change = change_of(old_.subspan(was.at, was.bytes), new_.subspan(piece.at, piece.bytes),
                                std::span(explained_.with_old->account.bytes).subspan(piece.at, piece.bytes));
    }

    void add_the_rest(SymbolCosts& to, const SymbolCost& between, const SymbolCost& not_elf) const {
        for (const SymbolCost* one : {&between, &not_elf})
            if (one->bytes != 0) to.costs.push_back(*one);
        const SbdParts& parts = explained_.parts;
        to.costs.push_back(
            {.name = "(preamble and block map)", .part = Part::preamble, .bits = 8.0 * parts.preamble_bytes});
        // what single precision of each byte's bits lost is here, too
        double told = 8.0 * parts.preamble_bytes;
        for (const SymbolCost& cost : to.costs) told += cost.part == Part::preamble ? 0 : cost.bits;
        const double all = 8.0 * static_cast<double>(parts.preamble_bytes + parts.length_bytes + parts.segment_bytes);
        to.costs.push_back({.name = "(ends of segments)", .part = Part::coder, .bits = all - told});
    }

    const SbdExplanation& explained_;
    Bytes old_, new_;
    Layout before_, after_;
    Ancestors ancestors_;
};

}  // namespace

SymbolCosts symbol_costs(const SbdExplanation& explained, Bytes old, Bytes old_elf, Bytes new_elf) {
    return Attribution(explained, old, old_elf, new_elf).run();
}

}  // namespace sb::diff
