"use strict";

Redoc.init(
  document.currentScript.dataset.document,
  // Its search would load a font and start a worker from text.
  { disableSearch: true, nativeScrollbars: true, theme: { typography: { fontFamily: "sans-serif" } } },
  document.getElementById("page"),
);
