// afire/picture/style.hpp -- the colours and the type of all pictures and of the report, for light and for dark
//
//   Colours are CSS variables: --ink, --muted, --rule, --paper, and --c0 ... --c5 for data (to be told apart by the colour-blind,
//   at least 3 : 1 against the paper). A picture in a page takes the page's; one in a file of its own carries them along (Svg::file).
#pragma once

namespace afire {

inline constexpr int data_colours = 6;     // colours of series, --c0 ... --c5; the seventh is the first again

// CSS of a picture by itself, light and dark.
inline constexpr char const* picture_style = R"css(
:root{color-scheme:light dark;--paper:#fff;--wash:#f5f6f7;--ink:#1a1e23;--muted:#5a636d;--rule:#dde1e5;--accent:#0b5c92;
--c0:#0b67a8;--c1:#c2500c;--c2:#17794a;--c3:#7b4bb3;--c4:#8f6500;--c5:#5a636d;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
--serif:Charter,"Bitstream Charter","Iowan Old Style","Palatino Linotype",Palatino,"Source Serif Pro","Liberation Serif",Georgia,serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{--paper:#15181b;--wash:#1e2226;--ink:#e4e7ea;--muted:#98a2ac;--rule:#333a41;
--accent:#6fb7ea;
--c0:#58b0ee;--c1:#f59555;--c2:#58c88d;--c3:#bb9bf0;--c4:#dcb34a;--c5:#a3acb5}}
.plot{font:12px var(--sans);font-variant-numeric:tabular-nums;fill:var(--ink)}
.plot .muted{fill:var(--muted)}
.plot .strong{font-weight:600}
.plot .grid{stroke:var(--rule);stroke-width:1;fill:none}
.plot .axis{stroke:var(--muted);stroke-width:1;fill:none}
.plot .line{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
.plot .faint{fill:none;stroke-width:1;opacity:.28;stroke-linejoin:round}
.plot .dots{fill:none;stroke-width:4.5;stroke-linecap:round;stroke-opacity:.62}
.plot .halo{stroke:var(--paper);stroke-width:3;paint-order:stroke;stroke-linejoin:round}
)css";

// CSS of a page of text with pictures.
inline constexpr char const* page_style = R"css(
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.58 var(--serif);text-rendering:optimizeLegibility}
main,header{max-width:1000px;margin:0 auto;padding:0 24px}
header{padding-top:52px}
h1{font-size:2.15rem;line-height:1.16;letter-spacing:-.012em;margin:0 0 .35em;text-wrap:balance;font-weight:700}
h2{font-size:1.42rem;line-height:1.25;margin:0 0 .6em;padding-top:1.1rem;border-top:1px solid var(--ink);font-weight:700}
section{margin-top:3.1rem;scroll-margin-top:1rem}
p{margin:0 0 1em;max-width:66ch;hanging-punctuation:first;overflow-wrap:anywhere}
.lead{font-size:1.13rem;color:var(--muted);max-width:60ch}
code{font:.84em var(--mono);background:var(--wash);padding:.1em .32em;border-radius:3px;overflow-wrap:anywhere}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.16em}
nav{font:14px/1.5 var(--sans);margin:1.6rem 0 0;display:flex;flex-wrap:wrap;gap:.2rem 1.3rem}
nav a{text-decoration:none}nav a:hover,nav a:focus-visible{text-decoration:underline}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:1.1rem 1.6rem;margin:1.9rem 0 0;
padding:1.05rem 0 1.15rem;
border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);font-family:var(--sans)}
.facts div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.facts dt{font-size:12.5px;line-height:1.35;color:var(--muted)}
.facts dd{margin:0;font-size:1.42rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
figure{margin:1.7rem 0 2.3rem}
figcaption{font:14.5px/1.5 var(--sans);max-width:78ch;margin-top:.8rem;overflow-wrap:anywhere}
figcaption b{font-weight:650}
figcaption .how{color:var(--muted)}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:1.5rem 2.2rem;align-items:start}
.pictures.one{grid-template-columns:minmax(0,1fr)}
.pictures svg,.pictures img{display:block;width:100%;height:auto}
.pictures.one svg{max-width:760px}.pictures svg.key{max-width:460px;margin-top:12px}
.pictures img{border-radius:2px}
.pixels{image-rendering:pixelated}
.scroll{overflow-x:auto;max-width:100%}
.panels{display:grid;gap:5px;font:12.5px/1.35 var(--sans);width:max-content;max-width:100%;min-width:min(100%,420px)}
.panels .head{font-weight:600;padding:0 0 2px;align-self:end;text-align:left;overflow-wrap:break-word;hyphens:auto;min-width:0}
.panels .side{color:var(--muted);align-self:center;padding-right:6px;overflow-wrap:anywhere}
.panels img{display:block;width:100%;height:auto;border-radius:2px;background:var(--wash)}
table{border-collapse:collapse;font:14.5px/1.45 var(--sans);font-variant-numeric:tabular-nums}
th,td{padding:.42em .9em .42em 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
th{font-weight:600;border-bottom:1px solid var(--ink);white-space:nowrap;vertical-align:bottom}
th:not(:first-child),td:not(:first-child){padding-left:.9em}
.number{text-align:right;white-space:nowrap}
tr:last-child td{border-bottom-color:var(--ink)}
.list{font:14.5px/1.45 var(--sans);columns:2 330px;column-gap:2.6rem;margin:1.2rem 0 2rem;border-top:1px solid var(--rule)}
.list div{display:grid;grid-template-columns:minmax(0,11rem) minmax(0,1fr);gap:0 1rem;padding:.36em 0;
border-bottom:1px solid var(--rule);break-inside:avoid}
.list dt{color:var(--muted);overflow-wrap:anywhere}.list dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
footer{max-width:1000px;margin:4rem auto 0;padding:1rem 24px 3rem;font:13px/1.5 var(--sans);color:var(--muted)}
@media (max-width:600px){body{font-size:16px}header{padding-top:30px}h1{font-size:1.7rem}main,header,footer{padding-left:16px;
padding-right:16px}
section{margin-top:2.4rem}.facts{grid-template-columns:repeat(auto-fit,minmax(104px,1fr))}.facts dd{font-size:1.2rem}
.list div{grid-template-columns:minmax(0,8.5rem) minmax(0,1fr)}}
@media print{body{font-size:10.5pt;background:#fff}figcaption,table,.list{font-size:9pt}main,header,footer{max-width:none;padding:0}
nav{display:none}h2{break-after:avoid}
figure,.facts,tr,.list div{break-inside:avoid}a{color:inherit;text-decoration:none}section{margin-top:1.6rem}
.pictures{grid-template-columns:repeat(2,minmax(0,1fr))}.pictures.one{grid-template-columns:minmax(0,1fr)}.scroll{overflow:visible}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{margin:17mm 16mm}}
)css";

}  // namespace afire
