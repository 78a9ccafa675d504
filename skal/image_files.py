"""Which files are images, for rooms that must not load what reads them."""

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff", ".webp")
