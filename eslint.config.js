import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    rules: {
      "no-unused-vars": "error",
      eqeqeq: "error",
      "prefer-const": "error",
      "no-var": "error",
    },
  },
  { files: ["assets/stage/*.js", "assets/site/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/stage/*.js"], languageOptions: { globals: globals.node } },
];
