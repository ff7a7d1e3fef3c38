#include "tools/cli/sbd_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/cli/patch_report.hpp"
#include "tools/cli/text.hpp"

namespace sb::cli {
namespace {

constexpr std::size_t shown_symbols = 25;
constexpr std::uint32_t stretch_bytes = 256;
constexpr std::array<const char*, 6> spent_names{"hits", "jump_flags", "jumps", "alternatives", "bytes", "blocks"};
constexpr std::array<const char*, 6> spent_texts{"hit flags",           "jump flags",        "jumps",
                                                 "alternatives' flags", "substituted bytes", "block flags"};
constexpr std::array<const char*, 4> field_names{"none", "code", "pointer", "outside"};
constexpr std::array<const char*, 4> field_texts{"no address field", "branches and calls", "pointers into the image",
                                                 "addresses outside"};
constexpr std::array<const char*, 7> architectures{"none", "thumb", "a64", "xtensa", "riscv", "avr", "tc32"};
constexpr const char* how_estimated =
    "an estimate: what jumps and address fields took in functions and data of which nothing but addresses changed, "
    "less what as many bytes as predicted outside of fields took";

constexpr std::array<const char*, 7> part_names{"function", "object",   "section", "between",
                                                "not_elf",  "preamble", "coder"};
constexpr std::array<const char*, 5> change_names{"unchanged", "addresses", "changed", "new", ""};
constexpr std::array<const char*, 5> change_texts{"unchanged", "only addresses", "changed", "new", ""};

template <class Names, class Number>
const char* named(const Names& names, Number number) {
    return names[static_cast<std::size_t>(number)];
}

/// Bits by what they are: name for programs, text for people. They sum to 8 x patch bytes.
struct Line {
    const char* name;
    const char* text;
    double bits;
};
std::vector<Line> lines_of(const SbdReport& report) {
    const diff::SbdWithOld& with = *report.explained.with_old;
    std::vector<Line> lines;
    lines.reserve(spent_names.size() + 4);
    for (std::size_t k = 0; k < spent_names.size(); ++k)
        lines.push_back({spent_names[k], spent_texts[k], with.account.bits(static_cast<sbd::Spent>(k))});
    const diff::SbdParts& parts = report.explained.parts;
    lines.push_back({"preamble", "preamble", 8.0 * (parts.preamble_bytes - parts.map_bytes)});
    lines.push_back({"block_map", "block map", 8.0 * parts.map_bytes});
    lines.push_back({"segment_lengths", "lengths of segments", 8.0 * static_cast<double>(parts.length_bytes)});
    lines.push_back({"remainder", "ends of segments, rounding", with.remainder_bits});
    return lines;
}

struct Counts {
    std::uint64_t hits = 0, misses = 0, jumps = 0, substituted = 0, in_fields = 0;
};
Counts counts_of(const diff::SbdAccount& account) {
    Counts counts;
    for (const diff::ByteCost& cost : account.bytes) {
        ++(cost.hit ? counts.hits : counts.misses);
        counts.jumps += cost.jumped ? 1U : 0U;
        counts.substituted += cost.substituted ? 1U : 0U;
        counts.in_fields += cost.field != sbd::FieldKind::none ? 1U : 0U;
    }
    return counts;
}

std::vector<std::string> flags_of(const sbd::Plan& plan) {
    std::vector<std::string> flags;
    if ((plan.flags & sbd::stored) != 0) flags.emplace_back("stored");
    if ((plan.flags & sbd::in_place) != 0) flags.emplace_back("in_place");
    if ((plan.flags & sbd::in_blocks) != 0) flags.emplace_back("in_blocks");
    if ((plan.flags & sbd::own_spaces) != 0) flags.emplace_back("own_spaces");
    return flags;
}

std::vector<PatchShare> shares_of(const diff::SbdShares& shares) {
    return {{"old file, unchanged", "#2b6cb0", shares.old_unchanged},
            {"old file, an address rewritten", "#38a169", shares.old_rewritten},
            {"predicted from the new file itself", "#6b46c1", shares.self},
            {"not as predicted", "#c53030", shares.substituted}};
}

// ---- JSON

Json segments_json(const sbd::AddressSpace& space) {
    Json all = Json::array();
    for (const sbd::LoadSegment& segment : space.segments())
        all.push_back({{"offset", segment.offset}, {"address", segment.address}, {"bytes", segment.bytes}});
    return all;
}

Json facts_json(const SbdReport& report) {
    const sbd::Plan& plan = report.explained.plan();
    const sbd::Spaces& spaces = plan.ground.spaces;
    const diff::SbdParts& parts = report.explained.parts;
    Json map = Json::array();
    for (const sbd::MapBlock& block : report.explained.map())
        map.push_back({{"new_at", block.new_at}, {"old_at", block.old_at}, {"bytes", block.bytes}});
    const sbd::Tables& tables = report.explained.patch.prepared.tables;
    const bool in_place = (plan.flags & sbd::in_place) != 0;
    return {
        {"budget_bytes", sbd::budget_bytes(plan.budget)},
        {"architecture", named(architectures, plan.ground.architecture)},
        {"flags", flags_of(plan)},
        {"block_bytes", plan.pace.block_bytes},
        {"segment_bytes", plan.segment_bytes},
        {"in_place", in_place ? Json{{"shift_bytes", plan.shift_bytes}, {"erase_bytes", plan.erase_bytes}} : Json()},
        {"learned_keys", sbd::shares_of(plan.budget).learned},
        {"hit_cells", tables.hit_cells.size()},
        {"byte_cells", tables.byte_cells.size()},
        {"ram", {{"address", spaces.ram_address}, {"bytes", spaces.ram_bytes}}},
        {"load_segments", {{"old", segments_json(spaces.of[0])}, {"new", segments_json(spaces.of[1])}}},
        {"global_pointer", {{"old", spaces.global_pointer[0]}, {"new", spaces.global_pointer[1]}}},
        {"old_sha256_begins", to_hex(plan.old_digest)},
        {"new_sha256_begins", to_hex(plan.new_digest)},
        {"block_map", map},
        {"parts",
         {{"preamble_bytes", parts.preamble_bytes},
          {"map_bytes", parts.map_bytes},
          {"length_bytes", parts.length_bytes},
          {"segment_bytes", parts.segment_bytes}}}};
}

Json account_json(const SbdReport& report) {
    const diff::SbdWithOld& with = *report.explained.with_old;
    const Counts counts = counts_of(with.account);
    Json bits = Json::object(), by_field = Json::object(), fields = Json::object();
    for (const Line& line : lines_of(report)) bits[line.name] = line.bits;
    for (std::size_t f = 0; f < field_names.size(); ++f) {
        for (std::size_t k = 0; k < spent_names.size(); ++k)
            by_field[field_names[f]][spent_names[k]] = with.account.spent[f][k];
        const diff::FieldCounts& met = with.account.fields[f];
        if (f != 0) fields[field_names[f]] = {{"met", met.met}, {"right", met.right}, {"wrong", met.met - met.right}};
    }
    Json stretches = Json::array();
    double sum = 0;
    for (std::size_t at = 0; at < with.account.bytes.size(); ++at) {
        sum += static_cast<double>(with.account.bytes[at].bits);
        if ((at + 1) % stretch_bytes != 0 && at + 1 != with.account.bytes.size()) continue;
        stretches.push_back(std::round(sum * 100) / 100);
        sum = 0;
    }
    return {{"bits", bits},
            {"bits_by_field", by_field},
            {"counts",
             {{"hits", counts.hits},
              {"misses", counts.misses},
              {"jumps", counts.jumps},
              {"substituted", counts.substituted},
              {"in_fields", counts.in_fields}}},
            {"fields", fields},
            {"from",
             {{"old_unchanged", with.shares.old_unchanged},
              {"old_rewritten", with.shares.old_rewritten},
              {"self", with.shares.self},
              {"missed", with.shares.substituted}}},
            {"bits_per_256_bytes", stretches}};
}

Json symbols_json(const diff::SymbolCosts& symbols) {
    Json costs = Json::array();
    for (const diff::SymbolCost& cost : symbols.costs)
        costs.push_back(
            {{"name", cost.name},
             {"kind", named(part_names, cost.part)},
             {"change", cost.change == diff::Change::not_compared ? Json() : Json(named(change_names, cost.change))},
             {"was", cost.was.empty() ? Json() : Json(cost.was)},
             {"moved_bytes", cost.moved},
             {"bytes", cost.bytes},
             {"bits", cost.bits},
             {"jump_bits", cost.jump_bits},
             {"field_bits", cost.field_bits}});
    return {{"costs", costs},
            {"pinning",
             {{"saved_bits", symbols.pinned_bits}, {"symbols", symbols.pinned_symbols}, {"how", how_estimated}}}};
}

// ---- text

std::string facts_text(const SbdReport& report) {
    const sbd::Plan& plan = report.explained.plan();
    const sbd::Spaces& spaces = plan.ground.spaces;
    const diff::SbdParts& parts = report.explained.parts;
    std::string text = fmt::format("patch    {}, sbd, {} bytes that make {} from {}\n", report.path, report.patch_bytes,
                                   plan.ground.new_bytes(), plan.ground.old_bytes());
    text += fmt::format("decoder  {} bytes of memory; {} hit cells, {} byte cells, {} learned addresses\n",
                        sbd::budget_bytes(plan.budget), report.explained.patch.prepared.tables.hit_cells.size(),
                        report.explained.patch.prepared.tables.byte_cells.size(), sbd::shares_of(plan.budget).learned);
    text += fmt::format("code     {}", named(architectures, plan.ground.architecture));
    if (spaces.ram_bytes != 0) text += fmt::format("; RAM at {:#x}, {} bytes", spaces.ram_address, spaces.ram_bytes);
    if (spaces.global_pointer[1] != 0) text += fmt::format("; gp {:#x}", spaces.global_pointer[1]);
    text += "\n";
    for (const sbd::LoadSegment& segment : spaces.of[1].segments())
        text +=
            fmt::format("loaded   from offset {} at {:#x}, {} bytes\n", segment.offset, segment.address, segment.bytes);
    for (const std::string& flag : flags_of(plan)) text += fmt::format("flag     {}\n", flag);
    if (plan.pace.block_bytes != 0) text += fmt::format("blocks   of {} bytes\n", plan.pace.block_bytes);
    if ((plan.flags & sbd::in_place) != 0)
        text += fmt::format("in place shifted by {} bytes, {} erased at a time\n", plan.shift_bytes, plan.erase_bytes);
    text += fmt::format("preamble {} bytes, of them {} for a map of {} blocks\n", parts.preamble_bytes, parts.map_bytes,
                        report.explained.map().size());
    std::uint32_t from = 0;
    for (const Bytes segment : report.explained.patch.segments) {
        const std::uint32_t end = plan.end_of_segment(from);
        text += fmt::format("segment  {} bytes make {}\n", segment.size(), end - from);
        from = end;
    }
    return text;
}

std::string account_text(const SbdReport& report) {
    const diff::SbdWithOld& with = *report.explained.with_old;
    const double all = 8.0 * static_cast<double>(report.patch_bytes);
    std::string text;
    for (const Line& line : lines_of(report))
        if (std::abs(line.bits) >= 0.05)
            text += fmt::format("bits     {:<28}{:>12.1f}{:>8.1f} %\n", line.text, line.bits, 100 * line.bits / all);
    text +=
        fmt::format("         {:<28}{:>12.1f}, which are the patch's {} bytes\n", "together", all, report.patch_bytes);
    for (std::size_t f = 0; f < field_names.size(); ++f) {
        const double bits = with.account.bits(static_cast<sbd::FieldKind>(f));
        const diff::FieldCounts& met = with.account.fields[f];
        if (f == 0)
            text += fmt::format("where    {:<28}{:>12.1f} bits\n", field_texts[f], bits);
        else if (met.met != 0)
            text += fmt::format("         {:<28}{:>12.1f} bits; {} met, {} right, {} wrong\n", field_texts[f], bits,
                                met.met, met.right, met.met - met.right);
    }
    const Counts counts = counts_of(with.account);
    text += fmt::format("counts   {} hits, {} misses, {} of them substituted bytes; {} jumps; {} bytes in fields\n",
                        counts.hits, counts.misses, counts.substituted, counts.jumps, counts.in_fields);
    return text;
}

std::string symbol_note(const diff::SymbolCost& cost) {
    std::string note = named(change_texts, cost.change);
    if (cost.moved != 0) note += fmt::format(", moved by {:+}", cost.moved);
    if (!cost.was.empty()) note += ", was " + cost.was;
    return note;
}

std::string pinning_text(const SbdReport& report) {
    return fmt::format("with link order or sections pinned, {:.0f} bytes less ({} of the patch, {} symbols): {}",
                       report.symbols->pinned_bits / 8,
                       percent(static_cast<std::uint64_t>(report.symbols->pinned_bits), 8 * report.patch_bytes),
                       report.symbols->pinned_symbols, how_estimated);
}

std::string symbols_text(const SbdReport& report) {
    std::string text = fmt::format("symbols  {:>10} {:>9}  what\n", "bits", "bytes");
    const auto& costs = report.symbols->costs;
    double rest = 0;
    for (std::size_t k = 0; k < costs.size(); ++k) {
        if (k >= shown_symbols) {
            rest += costs[k].bits;
            continue;
        }
        const std::string note = symbol_note(costs[k]);
        text += fmt::format("         {:>10.1f} {:>9}  {}{}{}\n", costs[k].bits, costs[k].bytes, costs[k].name,
                            note.empty() ? "" : ": ", note);
    }
    if (costs.size() > shown_symbols)
        text += fmt::format("         {:>10.1f} {:>9}  {} more\n", rest, "", costs.size() - shown_symbols);
    return text + "pinning  " + pinning_text(report) + "\n";
}

// ---- page

/// Bars from left to right, as long as the root of the bits of 256 bytes; of stretches too thin to be seen the longest.
std::string bits_strip(const diff::SbdAccount& account) {
    constexpr double width = 170, thinnest = 0.5;
    std::vector<double> stretches;
    for (std::size_t at = 0; at < account.bytes.size(); ++at) {
        if (at % stretch_bytes == 0) stretches.push_back(0);
        stretches.back() += static_cast<double>(account.bytes[at].bits);
    }
    if (stretches.empty()) return "";
    const double high = cover_map_size * stretch_bytes / static_cast<double>(account.bytes.size());
    const auto together = static_cast<std::size_t>(std::max(1.0, std::ceil(thinnest / high)));
    const double most = std::max(1.0, *std::ranges::max_element(stretches));
    std::string bars;
    for (std::size_t k = 0; k < stretches.size(); k += together) {
        const std::size_t end = std::min(k + together, stretches.size());
        const double bits = *std::max_element(stretches.begin() + static_cast<std::ptrdiff_t>(k),
                                              stretches.begin() + static_cast<std::ptrdiff_t>(end));
        const double from = high * static_cast<double>(k);
        const double to = std::min(high * static_cast<double>(end), cover_map_size);
        bars += fmt::format("M0 {:.2f}h{:.2f}v{:.2f}H0z", from, width * std::sqrt(bits / most), to - from);
    }
    std::string ticks;
    for (const double part : {0.0, 1.0 / 16, 1.0 / 4, 1.0})
        ticks += fmt::format(
            "<path d='M{0:.1f} 0V{1}' stroke='#cbd5e0'/><text x='{0:.1f}' y='{2}' text-anchor='middle'>"
            "{3:.0f}</text>",
            width * std::sqrt(part), cover_map_size, cover_map_size + 16, most * part);
    return fmt::format(
        "<g aria-label='bits per 256 bytes'>{}<path d='{}' fill='#dd6b20'/><text x='0' y='-10'>bits per {} "
        "bytes</text></g>",
        ticks, bars, stretch_bytes);
}

std::string bits_table(const SbdReport& report) {
    const diff::SbdAccount& account = report.explained.with_old->account;
    std::string html = "<table><tr><th></th><th class='n'>bits</th>";
    for (const char* const text : field_texts) html += fmt::format("<th class='n'>{}</th>", text);
    html += "</tr>\n";
    std::size_t k = 0;
    for (const Line& line : lines_of(report)) {
        html += fmt::format("<tr><td>{}</td><td class='n'>{:.0f}</td>", line.text, line.bits);
        for (std::size_t f = 0; f < field_texts.size(); ++f)
            html += k < spent_texts.size() ? fmt::format("<td class='n'>{:.0f}</td>", account.spent[f][k])
                                           : std::string("<td></td>");
        html += "</tr>\n";
        ++k;
    }
    html += fmt::format("<tr><td>fields met, right, wrong</td><td></td><td></td>");
    for (std::size_t f = 1; f < field_texts.size(); ++f) {
        const diff::FieldCounts& met = account.fields[f];
        html += fmt::format("<td class='n'>{}, {}, {}</td>", met.met, met.right, met.met - met.right);
    }
    return html + "</tr></table>\n";
}

std::string symbol_table(const SbdReport& report) {
    const auto& costs = report.symbols->costs;
    double most = 1;
    for (const diff::SymbolCost& cost : costs) most = std::max(most, cost.bits);
    std::string html = fmt::format(
        "<section><h2>Functions and data</h2><p style='max-width:60em'>{}.</p><table><tr><th>symbol</th><th "
        "class='n'>bytes</th><th class='n'>bits</th><th class='n'>jumps</th><th class='n'>fields</th><th></th><th></th>"
        "</tr>\n",
        pinning_text(report));
    double rest = 0;
    std::size_t left = 0;
    for (std::size_t k = 0; k < costs.size(); ++k) {
        const diff::SymbolCost& cost = costs[k];
        if (k >= 4 * shown_symbols) {
            rest += cost.bits;
            ++left;
            continue;
        }
        html += fmt::format(
            "<tr><td style='max-width:40em;overflow-wrap:anywhere'>{}</td><td class='n'>{}</td><td "
            "class='n'>{:.0f}</td>"
            "<td class='n'>{:.0f}</td><td class='n'>{:.0f}</td><td><div "
            "style='background:#dd6b20;width:{:.1f}px'></div>"
            "</td><td>{}</td></tr>\n",
            html_escaped(cost.name), cost.bytes, cost.bits, cost.jump_bits, cost.field_bits,
            std::max(0.0, 160 * cost.bits / most), html_escaped(symbol_note(cost)));
    }
    if (left != 0) html += fmt::format("<tr><td>{} more</td><td></td><td class='n'>{:.0f}</td></tr>\n", left, rest);
    return html + "</table></section>";
}

}  // namespace

Json sbd_json(const SbdReport& report) {
    Json json = patch_json(diff::info_of(report.explained), report.patch_bytes);
    if (!report.explained.with_old) json["unchanged_bytes"] = Json();
    json["sbd"] = facts_json(report);
    json["account"] = report.explained.with_old ? account_json(report) : Json();
    json["symbols"] = report.symbols ? symbols_json(*report.symbols) : Json();
    return json;
}

std::string sbd_text(const SbdReport& report) {
    const diff::PatchInfo info = diff::info_of(report.explained);
    std::string text = facts_text(report);
    if (!report.explained.with_old)
        return text + "block map as " + cover_text(info) +
               "note     with --old OLD: what each bit was spent on, where each byte of the new file came from\n";
    text += account_text(report) + cover_text(info) +
            share_text(shares_of(report.explained.with_old->shares), info.new_bytes);
    return report.symbols ? text + symbols_text(report) : text;
}

std::string sbd_page(const SbdReport& report) {
    const diff::PatchInfo info = diff::info_of(report.explained);
    const auto& with = report.explained.with_old;
    std::string body = fmt::format(
        "<section><h2>Cover map{}</h2>\n{}<p>{}</p></section>\n<section>", with ? " and bits" : "",
        with ? cover_map(info, bits_strip(with->account), 240) : cover_map(info),
        with
            ? "Blue: predicted from the old file. Red, at the left: not. Orange: where the patch's bits go, on a scale "
              "of square roots."
            : "Blue: the block map, which tells where addresses went. With --old the page has all covers and where "
              "the bits go.");
    if (with)
        body += "<h2>Where the new file comes from</h2>\n" + share_bars(shares_of(with->shares), info.new_bytes) +
                "<h2>Bits</h2>\n" + bits_table(report);
    body +=
        fmt::format("<h2>{} by length</h2>\n{}<h2>Parts of the patch</h2>\n{}<h2>Preamble</h2><pre>{}</pre></section>",
                    with ? "Covers" : "Blocks of the map", histogram_bars(info), block_table(info),
                    html_escaped(facts_text(report)));
    if (report.symbols) body += symbol_table(report);
    return html_page(report.path,
                     fmt::format("{}: sbd, {} bytes, {} of the new file's {}", report.path, report.patch_bytes,
                                 percent(report.patch_bytes, info.new_bytes), info.new_bytes),
                     body);
}

}  // namespace sb::cli
