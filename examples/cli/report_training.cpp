// How training went: losses, monitors, speed.
#include <examples/cli/report_page.hpp>

namespace afire::cli {
namespace {

// Some columns of the log as one chart; nothing where none of them was measured.
struct Line {
  char const *column, *name;
  enum Kind { steps, judged, reference } kind = steps;
  double (*value)(double) = nullptr;
};

Chart chart_of(Run const& run, char const* title, char const* unit, std::vector<Line> const& lines) {
  Chart chart{.what = text(title, " over steps"), .title = title, .x_label = "step", .y_label = unit};
  for (auto const& line : lines) {
    Series s = run.values(line.column, line.name);
    if (s.x.empty()) continue;
    if (line.value) std::transform(s.y.begin(), s.y.end(), s.y.begin(), line.value);
    if (line.kind == Line::steps && s.x.size() > 60) s.smooth = static_cast<Index>(s.x.size() / 40);
    s.dots = s.x.size() == 1 || (line.kind == Line::judged && s.x.size() <= 40);
    s.dashed = line.kind == Line::reference;
    chart.series.push_back(std::move(s));
  }
  return chart;
}

// A logarithmic axis where the values, all positive, span more than a factor of ten.
Chart log_where_apt(Chart chart) {
  double low = 1e300, high = 0;
  for (auto const& s : chart.series)
    for (double const y : s.y)
      if (std::isfinite(y)) low = std::min(low, y), high = std::max(high, y);
  chart.log_y = low > 0 && high > 10 * low;
  return chart;
}

}  // namespace

void report_training(Page const& page, Run const& run) {
  page->section("Training");
  if (run.log.rows.empty()) return page->prose("There is no step in the log yet.");
  auto const figure = [&](std::string const& see, std::string const& how, std::vector<std::pair<char const*, Chart>> const& charts) {
    std::vector<std::string> pictures;
    for (auto const& [name, chart] : charts)
      if (!chart.series.empty()) pictures.push_back(page.charts(name, chart));
    if (pictures.size() == 1) pictures.emplace_back();     // keeps its size
    if (!pictures.empty()) page->figure(see, how, pictures);
  };
  std::string const thin = run.log.rows.size() > 60 ? "Thin: every step; bold: a running mean. " : "";
  constexpr auto reference = Line::reference;
  bool const validated = run.has("val_loss"), contrast = run.has("contrast"), film = run.has("restoration");
  std::string const last = validated ? text(" On films it does not learn from the last value is ", three_digits(run.last("val_loss")),
                                            ".") : "";
  bool const steps_enough = run.log.rows.size() > 1;
  std::vector<std::pair<char const*, Chart>> losses;
  if (!contrast || !film || !steps_enough)
    losses = {{"loss", log_where_apt(chart_of(run, "Loss", "", {{"loss", "training"}, {"val_loss", "validation", Line::judged}}))}};
  else
    losses = {{"restoration_loss", log_where_apt(chart_of(run, "Restoration", "mean squared error",
                                                          {{"restoration", "training"}, {"val_restoration", "validation", Line::judged}}))},
              {"contrast_loss", chart_of(run, "Token contrast", "nats", {{"contrast", "training"},
                                                                         {"val_contrast", "validation", Line::judged},
                                                                             {"target_entropy", "least possible", reference}})}};
  double const begin = run.first("loss"), end = run.lately("loss");
  figure(steps_enough ? text("The loss ", end < begin ? "falls" : "does not fall", ", from ", three_digits(begin),
                             " at the first step to ", three_digits(end), " over the last tenth.", last)
                      : text("The loss of the only step is ", three_digits(begin), ".", last),
         thin + (contrast && film ? "Restoration: mean squared error of the painted film, in the units the encoder sees. Token contrast: "
                                    "cross-entropy to the targets, which cannot fall below the entropy of the targets (dashed)." : ""),
         losses);

  if (contrast) {
    double const K = run.judged && run.judged->prototypes > 0 ? static_cast<double>(run.judged->prototypes) : run.setting("prototypes");
    Chart entropy = chart_of(run, "Entropy of the targets", "nats", {{"target_entropy", "targets"}});
    if (K > 1 && !entropy.series.empty()) {
      auto const& x = entropy.series[0].x;
      entropy.series.push_back({.name = "ln K", .x = {x.front(), x.back()}, .y = {std::log(K), std::log(K)}, .dashed = true, .colour = 5});
    }
    entropy.from_zero = true;
    double const part = run.last("target_entropy") / std::log(K);
    std::string const share = K > 1 ? text("; the targets have ", percent(part), " of the entropy that ", number(K),
                                           " equally likely prototypes would have")
                                    : "";
    figure(text("What the contrast can still win (KL) ends at ", three_digits(run.lately("kl")), " nats", share, "."),
           thin + "KL is the contrast above the entropy of its targets. Targets near ln K say nothing of any film, targets near zero name "
                  "one prototype a place.",
           {{"kl", log_where_apt(chart_of(run, "KL above the entropy of the targets", "nats", {{"kl", "training"},
                                                                                               {"val_kl", "validation", Line::judged}}))},
                                                                                                   {"target_entropy", entropy}});
  }

  if (run.has("error_inside")) {
    auto const root = [](double x) { return std::sqrt(x); };
    Chart inside = chart_of(run, "Error inside lesions", "grey levels, root mean square",
                            {{"error_inside", "restored", Line::judged, root}, {"error_inside_copied", "as seen", reference, root},
                             {"error_inside_mean_film", "mean film", reference, root}});
    Chart whole = chart_of(run, "Error of the whole film", "grey levels, root mean square", {{"error_whole", "restored", Line::judged,
                                                                                              root}});
    inside.from_zero = whole.from_zero = true;
    figure(text("Inside lesions the error ends at ", grey_levels(run.last("error_inside")), " grey levels: ",
                run.last("error_inside") < run.last("error_inside_copied") ? "below" : "above", " that of leaving the film as it is, ",
                run.last("error_inside") < run.last("error_inside_mean_film") ? "below" : "above", " that of the mean film."),
           "Taken after each epoch. Dashed: answers that need no model.", {{"error_inside", inside}, {"error_whole", whole}});
  }

  if (run.has("effective_rank")) {
    double const width = run.judged ? static_cast<double>(run.judged->width) : run.setting("width");
    Chart rank = chart_of(run, "Effective rank of tokens", width > 0 ? text("of ", number(width)).c_str() : "",
                          {{"effective_rank", "", Line::judged}});
    Chart share = chart_of(run, "Variance between films at a place", "share of the tokens' variance",
                           {{"between_image_share", "", Line::judged}});
    rank.from_zero = true, share.low = 0, share.high = 1;
    double const between = run.last("between_image_share");
    figure(text("Tokens spread over about ", number(std::round(run.last("effective_rank"))), " directions", width > 0
                ? text(" of ", number(width)) : "", "; ", percent(between), " of their variance lies between films at the same place",
                between < 0.02 ? ": the code is one of position and hardly knows the film." : "."),
           "Rank 1 would be a collapsed code. A share of 0 % would be a code that knows where a patch lies and nothing of the film; 100 % "
           "one to which place means nothing.",
           {{"effective_rank", rank}, {"between_image_share", share}});
  }

  if (run.has("perplexity")) {
    Chart use = chart_of(run, "Prototypes in use", "share that is some token's best", {{"prototypes_used", "", Line::judged}});
    Chart perplexity = log_where_apt(chart_of(run, "Perplexity of the best prototype", "prototypes",
                                              {{"perplexity", "all places", Line::judged}, {"perplexity_here", "at one place",
                                                                                            Line::judged}}));
    use.low = 0, use.high = 1;
    double const here = run.last("perplexity_here");
    figure(text(percent(run.last("prototypes_used")), " of the prototypes are in use; at one place films share out among ",
                three_digits(here), " of them", here < 1.05 ? ": place alone decides." : "."),
           "Perplexity: so many equally frequent prototypes would be as surprising. At one place it is 1 where all films have the same "
           "prototype.",
           {{"prototypes_used", use}, {"perplexity", perplexity}});
  }

  Chart const norm = log_where_apt(chart_of(run, "Length of the gradient", "", {{"gradient_norm", ""}}));
  Chart rate = chart_of(run, "Learning rate", "", {{"lr", "", reference}});
  for (auto& s : rate.series) s.dashed = false;
  figure("The length of the gradient shows whether training is calm: spikes come before a loss that is lost.",
         thin + "Before clipping. The learning rate rises linearly, then falls along a cosine.",
         {{"gradient_norm", norm}, {"learning_rate", rate}});
  Chart lesions = chart_of(run, "Lesion tokens", "share of all tokens", {{"lesion_share", ""}});
  Chart const momentum = chart_of(run, "Momentum of the teacher", "", {{"ema_momentum", ""}});
  lesions.from_zero = true;
  figure(text(percent(run.lately("lesion_share")), " of the tokens lie on lesions; the contrast learns from the others."),
         thin + "A momentum near 1 means a teacher that follows the student slowly.", {{"lesion_share", lesions},
                                                                                       {"ema_momentum", contrast ? momentum : Chart{}}});
  Chart speed = chart_of(run, "Films a second", "", {{"films_per_second", ""}});
  Chart waiting = chart_of(run, "Waiting for films", "share of a step's time", {{"waiting", ""}});
  speed.from_zero = waiting.from_zero = true;
  figure(text("A step takes in ", number(std::round(run.lately("films_per_second"))), " films a second and spends ",
              percent(run.lately("waiting"), 1), " of its time waiting for them."),
         thin + "Means of the last tenth. More than 2 % of waiting asks for more `--loader-threads`.",
         {{"films_per_second", speed}, {"waiting", waiting}});
}

}  // namespace afire::cli
