// afire/picture.hpp -- all that draws: curves, panels, heat maps, the report as one HTML file
//
//   #include <afire/picture.hpp>
#pragma once
#include <afire/picture/axis.hpp>
#include <afire/picture/colour.hpp>
#include <afire/picture/colour_key.hpp>
#include <afire/picture/curves.hpp>
#include <afire/picture/heat_map.hpp>
#include <afire/picture/intervals.hpp>
#include <afire/picture/markup.hpp>
#include <afire/picture/panels.hpp>
#include <afire/picture/report.hpp>
#include <afire/picture/scatter.hpp>
#include <afire/picture/style.hpp>
#include <afire/picture/svg.hpp>
