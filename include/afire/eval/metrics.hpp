// afire/eval/metrics.hpp -- the metrics of classification together
//
//   binary.hpp        auroc, average_precision, f1_max, tnr_at_tpr95, roc_curve        a score and two classes
//   delong.hpp        standard error of an AUROC, comparison of two on the same films
//   bootstrap.hpp     95 % interval of any metric, by patient
//   calibration.hpp   decisions at a threshold, Brier score, log loss, calibration error
//   multilabel.hpp    several findings at once, labels with gaps
//   multiclass.hpp    confusion matrix, balanced accuracy, F1, kappa
#pragma once
#include <afire/eval/binary.hpp>
#include <afire/eval/bootstrap.hpp>
#include <afire/eval/calibration.hpp>
#include <afire/eval/delong.hpp>
#include <afire/eval/multiclass.hpp>
#include <afire/eval/multilabel.hpp>
