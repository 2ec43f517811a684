export const build = '{build}';
