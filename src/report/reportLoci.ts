/** Regional plots of a page where nobody asks for another number. Apart from what draws them, so that a list of options does not load it. */
export const REPORT_LOCI = 6;
