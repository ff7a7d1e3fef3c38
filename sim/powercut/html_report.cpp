#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sim/powercut/matrix.hpp"

namespace sb::sim {

namespace {

// The page's only styles: colours by name, one set for light and one for dark. Outcomes differ in lightness too.
constexpr const char* style = R"(<style>
:root{--ink:#1b1f24;--soft:#5b6570;--line:#d5dae0;--page:#fff;--cell:#f3f5f7;
--new:#2f78b7;--old:#8fb6d6;--golden:#d59b00;--update:#8667b8;--dead:#c5221f;--heat:#b4470f}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--line:#39424c;--page:#14181d;--cell:#1f252c;
--new:#4d9ad9;--old:#2c5678;--golden:#e0ae2b;--update:#a78bd8;--dead:#ff6b60;--heat:#ff9a4d}}
body{margin:2rem auto;max-width:1180px;padding:0 1rem;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}p{margin:.3rem 0 .8rem;max-width:48rem}
.soft{color:var(--soft)}.big{display:flex;flex-wrap:wrap;gap:2.4rem;margin:1.2rem 0}
.big div{min-width:7rem}.big b{display:block;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}svg{display:block;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}
svg .soft{fill:var(--soft)}.n{text-anchor:end;font-variant-numeric:tabular-nums}
.key{display:inline-flex;align-items:center;gap:.4rem;margin-right:1.2rem}
.key i{width:.9rem;height:.9rem;border-radius:2px;display:inline-block}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .6rem;text-align:right;border-bottom:1px solid var(--line)}
th:nth-child(-n+4),td:nth-child(-n+4){text-align:left}th{font-weight:600}
pre{background:var(--cell);padding:.8rem;overflow-x:auto;border-left:4px solid var(--dead)}
</style>
)";

std::string escape(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '<') out += "&lt;";
        if (c == '>') out += "&gt;";
        if (c == '&') out += "&amp;";
        if (c == '"') out += "&quot;";
        if (c != '<' && c != '>' && c != '&' && c != '"') out += c;
    }
    return out;
}

/// 12345678 as "12 345 678", with thin spaces.
std::string grouped(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, "&#8239;");
    }
    return digits;
}

std::string number(double value, int places = 1) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f", places, value);
    return text.data();
}

struct Outcome {
    const char* name;
    const char* colour;
    std::uint64_t LifeReport::* count;
};
constexpr std::array<Outcome, 5> outcomes = {{{"new image", "new", &LifeReport::ended_new},
                                              {"old image", "old", &LifeReport::ended_old},
                                              {"factory image", "golden", &LifeReport::ended_golden},
                                              {"through update mode", "update", &LifeReport::update_mode},
                                              {"dead", "dead", &LifeReport::dead}}};

std::string rect(double x, double y, double w, double h, const std::string& colour, const std::string& more = "") {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(w) + "\" height=\"" + number(h) +
           "\" fill=\"var(--" + colour + ")\"" + more + "/>";
}

std::string text(double x, double y, const std::string& what, const std::string& kind = "") {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" + (kind.empty() ? "" : " class=\"" + kind + "\"") +
           ">" + what + "</text>";
}

/// Names in the order in which they first appear.
template <class NameOf>
std::vector<std::string> names_in(const std::vector<Row>& rows, NameOf name_of) {
    std::vector<std::string> names;
    for (const Row& row : rows)
        if (const std::string name = name_of(row); std::ranges::find(names, name) == names.end()) names.push_back(name);
    return names;
}

std::string board_name(const Row& row) {
    return std::string(scheme_name(row.scheme)) + " " + row.board.name;
}

std::string tale_name(const Row& row) {
    return row.tale.title() + (sends_a_package(row.tale.story) ? " / " + row.tale.package_name() : "");
}

std::size_t index_in(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

// ---- the matrix ----------------------------------------------------------------------------------------------------

constexpr double cell_w = 74;
constexpr double cell_h = 34;
constexpr double left = 170;
constexpr double head = 176;

/// One cell: how many cuts, how they ended as a bar, and the boots of the slowest recovery.
std::string cell(const Row& row, double x, double y) {
    const LifeReport& r = row.report;
    std::string svg =
        "<g><title>" + escape(board_name(row) + ", " + tale_name(row)) + ": " + std::to_string(r.cuts) + " cuts";
    for (const Outcome& outcome : outcomes)
        if (r.*outcome.count != 0) svg += ", " + std::to_string(r.*outcome.count) + " " + outcome.name;
    svg += "; settled within " + std::to_string(r.max_boots) + " boots and " + std::to_string(r.max_steps) +
           " flash operations</title>";
    svg += rect(x, y, cell_w - 3, cell_h - 3, "cell", r.dead == 0 ? "" : " stroke=\"var(--dead)\" stroke-width=\"2\"");
    svg += text(x + cell_w - 8, y + 15, grouped(r.cuts), "n");
    svg += text(x + 4, y + 15, std::to_string(r.max_steps), "soft");
    double at = x + 4;
    const double width = cell_w - 11;
    for (const Outcome& outcome : outcomes) {
        const double part =
            width * static_cast<double>(r.*outcome.count) / static_cast<double>(std::max<std::uint64_t>(r.cuts, 1));
        // A single death is seen.
        const double drawn = r.*outcome.count == 0 ? 0 : std::max(part, 2.0);
        if (drawn > 0) svg += rect(std::min(at, x + 4 + width - drawn), y + 21, drawn, 6, outcome.colour);
        at += part;
    }
    return svg + "</g>\n";
}

std::string matrix(const std::vector<Row>& rows) {
    const auto boards = names_in(rows, board_name);
    const auto tales = names_in(rows, tale_name);
    const double width = left + cell_w * static_cast<double>(tales.size()) + 110;
    const double height = head + cell_h * static_cast<double>(boards.size()) + 4;
    std::string svg = "<div class=\"wide\"><svg width=\"" + number(width, 0) + "\" height=\"" + number(height, 0) +
                      "\" role=\"img\" aria-label=\"outcomes by board and story\">\n";
    for (std::size_t i = 0; i < tales.size(); ++i) {
        const double x = left + cell_w * static_cast<double>(i) + 20;
        svg += "<g transform=\"translate(" + number(x) + " " + number(head - 8) + ") rotate(-38)\">" +
               text(0, 0, escape(tales[i])) + "</g>\n";
    }
    for (std::size_t i = 0; i < boards.size(); ++i)
        svg += text(0, head + cell_h * static_cast<double>(i) + 20, escape(boards[i])) + "\n";
    for (const Row& row : rows) {
        svg += cell(row, left + cell_w * static_cast<double>(index_in(tales, tale_name(row))),
                    head + cell_h * static_cast<double>(index_in(boards, board_name(row))));
    }
    return svg + "</svg></div>\n";
}

std::string legend() {
    std::string html = "<p>";
    for (const Outcome& outcome : outcomes)
        html += std::string("<span class=\"key\"><i style=\"background:var(--") + outcome.colour + ")\"></i>" +
                outcome.name + "</span>";
    return html + "</p>\n";
}

// ---- wear ----------------------------------------------------------------------------------------------------------

/// The most that any life cost each unit of a board.
struct BoardWear {
    Row row;
    std::vector<std::uint32_t> most{};
};

std::vector<BoardWear> wear_of(const std::vector<Row>& rows) {
    std::vector<BoardWear> boards;
    for (const Row& row : rows) {
        // A factory image shifts the units behind it: what has one is shown for itself.
        const auto same = [&](const BoardWear& wear) {
            return board_name(wear.row) == board_name(row) && wear.most.size() == row.report.max_wear.size();
        };
        auto found = std::ranges::find_if(boards, same);
        if (found == boards.end())
            found = boards.insert(boards.end(), {row, std::vector<std::uint32_t>(row.report.max_wear.size())});
        for (std::size_t i = 0; i < found->most.size(); ++i)
            found->most[i] = std::max(found->most[i], row.report.max_wear[i]);
    }
    return boards;
}

/// Which region the unit belongs to.
const char* region_of(const BoardMap& map, std::uint32_t offset) {
    if (offset < map.slots[1].offset) return "A";
    if (offset < map.slots[1].offset + map.slots[1].bytes) return "B";
    return offset < map.journal.offset ? "golden" : "journal";
}

/// Of one unit; boards with many have smaller ones.
double box_width(std::size_t units) {
    return units > 100 ? 4 : 8;
}

std::string wear_row(const BoardWear& wear, double y, std::uint32_t worst) {
    BoardSpec spec = wear.row.board;
    const Tale& tale = wear.row.tale;
    if (spec.golden_units == 0 && (tale.golden || tale.story == Story::factory_reset))
        spec.golden_units = board_map(spec).slots[0].bytes / spec.unit_bytes;
    const BoardMap map = board_map(spec);
    std::string svg = text(0, y + 12, escape(board_name(wear.row) + (map.golden.bytes != 0 ? " + factory image" : "")));
    const double box = box_width(wear.most.size());
    double x = left + 84;
    std::uint32_t offset = 0;
    std::size_t unit = 0;
    std::string region;
    std::uint32_t in_region = 0;
    const auto close = [&] {
        if (!region.empty()) svg += text(x + 2, y + 12, std::to_string(in_region), "soft");
        x += region.empty() ? 0 : 22;
        in_region = 0;
    };
    for (const EraseRun& run : map.erase_map) {
        for (std::uint32_t i = 0; i < run.units && unit < wear.most.size(); ++i, ++unit, offset += run.unit_bytes) {
            if (region != region_of(map, offset)) {
                close();
                region = region_of(map, offset);
                svg += text(x, y + 12, region == "golden" ? "F" : region == "journal" ? "J" : region, "soft");
                x += 12;
            }
            const std::uint32_t erases = wear.most[unit];
            in_region = std::max(in_region, erases);
            const double heat = worst == 0 ? 0 : std::sqrt(static_cast<double>(erases) / worst);
            if (erases == 0) svg += rect(x, y, box - 1, 15, "cell");
            if (erases != 0)
                svg += "<g><title>" + region + " + " + std::to_string(offset) + ": " + std::to_string(erases) +
                       "</title>" +
                       rect(x, y, box - 1, 15, "heat", " fill-opacity=\"" + number(0.15 + 0.85 * heat, 2) + "\"") +
                       "</g>";
            x += box;
        }
    }
    close();
    return svg + "\n";
}

std::string wear_map(const std::vector<Row>& rows) {
    const std::vector<BoardWear> boards = wear_of(rows);
    std::uint32_t worst = 0;
    double widest = 0;
    for (const BoardWear& board : boards) {
        worst = std::max(worst, *std::ranges::max_element(board.most));
        const std::size_t units = board.most.size();
        widest = std::max(widest, box_width(units) * static_cast<double>(units));
    }
    const double width = left + 84 + widest + 4 * 36;
    std::string svg = "<div class=\"wide\"><svg width=\"" + number(width, 0) + "\" height=\"" +
                      number(20.0 * static_cast<double>(boards.size()) + 6, 0) +
                      "\" role=\"img\" aria-label=\"erases of each unit\">\n";
    double y = 2;
    for (const BoardWear& board : boards) {
        svg += wear_row(board, y, worst);
        y += 20;
    }
    return svg + "</svg></div>\n";
}

// ---- figures -------------------------------------------------------------------------------------------------------

std::string figures(const LifeReport& sum) {
    const auto figure = [](const std::string& value, const char* what) {
        return "<div><b>" + value + "</b><span class=\"soft\">" + what + "</span></div>";
    };
    const double rate = static_cast<double>(sum.cuts) / std::max(sum.processor_seconds, 1e-9);
    return "<div class=\"big\">" + figure(grouped(sum.cuts), "power cuts") +
           figure(sum.dead == 0 ? "0" : "<span style=\"color:var(--dead)\">" + grouped(sum.dead) + "</span>",
                  "dead devices") +
           figure(grouped(sum.distinct_states), "states lived on from") +
           figure(std::to_string(sum.max_boots), "boots, slowest recovery") +
           figure(grouped(sum.max_steps), "steps, longest recovery") +
           figure(grouped(static_cast<std::uint64_t>(rate)), "cuts a second and core") + "</div>\n";
}

std::string table(const std::vector<Row>& rows) {
    std::string html =
        "<details><summary>All figures</summary><div class=\"wide\"><table><tr><th>scheme<th>geometry<th>story"
        "<th>package<th>operations<th>cuts<th>new<th>old<th>factory<th>update mode<th>dead<th>joined<th>boots<th>steps"
        "<th>erases of a slot's unit<th>of the journal's</tr>\n";
    for (const Row& row : rows) {
        const LifeReport& r = row.report;
        html += "<tr><td>" + std::string(scheme_name(row.scheme)) + "<td>" + escape(row.board.name) + "<td>" +
                escape(row.tale.title()) + "<td>" + escape(row.tale.package_name());
        for (const std::uint64_t value :
             {r.operations, r.cuts, r.ended_new, r.ended_old, r.ended_golden, r.update_mode, r.dead, r.merged,
              static_cast<std::uint64_t>(r.max_boots), std::uint64_t{r.max_steps}, std::uint64_t{r.max_unit_erases},
              std::uint64_t{r.max_journal_erases}})
            html += "<td>" + grouped(value);
        html += "</tr>\n";
    }
    return html + "</table></div></details>\n";
}

std::string failures(const std::vector<Row>& rows) {
    std::string html;
    std::size_t shown = 0;
    for (const Row& row : rows) {
        if (row.report.first_objection.empty()) continue;
        html += std::string("<details") + (shown++ < 3 ? " open" : "") + "><summary>" +
                escape(board_name(row) + ", " + tale_name(row)) + ": " + grouped(row.report.dead) + "</summary><pre>" +
                escape(row.report.first_objection) + "</pre></details>\n";
    }
    return html.empty() ? "" : "<h2>What went wrong</h2>\n" + html;
}

}  // namespace

std::string html_report(const std::string& title, const std::vector<Row>& rows) {
    LifeReport sum;
    for (const Row& row : rows) sum.add(row.report);
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escape(title) +
           "</title>\n<meta name=\"viewport\" content=\"width=device-width\">\n" + style + "</head><body>\n<h1>" +
           escape(title) +
           "</h1>\n<p class=\"soft\">An update, told once for every flash operation in it and every way in which the "
           "power can go there. What runs in the end?</p>\n" +
           figures(sum) +
           "<h2>How each life ended</h2>\n<p>A row is a scheme on a flash part, a column a story and its package. In a "
           "cell: the steps (flash operations) of the longest recovery, the cuts, and their outcomes as a bar.</p>\n" +
           legend() + matrix(rows) + failures(rows) +
           "<h2>Wear</h2>\n<p>Each box is an erase unit of slot A, slot B, the factory image (F) or the journal (J); "
           "the "
           "darker, the more often the life that cost it most erased it. The number is the most in that region.</p>\n" +
           wear_map(rows) + "<h2>Figures</h2>\n" + table(rows) + "</body></html>\n";
}

}  // namespace sb::sim
