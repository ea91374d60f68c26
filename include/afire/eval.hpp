// afire/eval.hpp -- all that judges a trained encoder: probes, neighbours, clusters, anomaly maps, metrics and their intervals
//
//   #include <afire/eval.hpp>
#pragma once
#include <afire/eval/anomaly.hpp>
#include <afire/eval/binary.hpp>
#include <afire/eval/bootstrap.hpp>
#include <afire/eval/calibration.hpp>
#include <afire/eval/cluster.hpp>
#include <afire/eval/collapse.hpp>
#include <afire/eval/components.hpp>
#include <afire/eval/covariance.hpp>
#include <afire/eval/delong.hpp>
#include <afire/eval/eigen_symmetric.hpp>
#include <afire/eval/few_labels.hpp>
#include <afire/eval/few_labels_on.hpp>
#include <afire/eval/grad_cam.hpp>
#include <afire/eval/kmeans.hpp>
#include <afire/eval/kmeans_on.hpp>
#include <afire/eval/knn.hpp>
#include <afire/eval/knn_on.hpp>
#include <afire/eval/metrics.hpp>
#include <afire/eval/multiclass.hpp>
#include <afire/eval/multilabel.hpp>
#include <afire/eval/newton.hpp>
#include <afire/eval/partition.hpp>
#include <afire/eval/pca.hpp>
#include <afire/eval/probe.hpp>
#include <afire/eval/probe_on.hpp>
#include <afire/eval/softmax_probe.hpp>
