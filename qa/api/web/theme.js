// Sets the chosen colours before the first paint; a module would run after it and flash.
// In: localStorage "belegt.theme" (auto, light, dark). Out: data-theme on <html>.
"use strict";
try {
  document.documentElement.dataset.theme = localStorage.getItem("belegt.theme") || "auto";
} catch {
  document.documentElement.dataset.theme = "auto";
}
