/* Reads codes from pictures, beside the page. */
