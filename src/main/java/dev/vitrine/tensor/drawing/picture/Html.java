package dev.vitrine.tensor.drawing.picture;

import dev.vitrine.tensor.Tensor;

/** Draws a tensor as a page that stands alone: its picture, and what it says of itself. */
public final class Html {
  private Html() {}

  /** The whole document. */
  public static String of(Tensor tensor) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>%s</title>
    <style>
    body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif}
    svg{max-width:100%%;height:auto}
    pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap}
    </style>
    </head>
    <body>
    %s<pre>%s</pre>
    </body>
    </html>
    """
        .formatted(Xml.text(tensor.title()), Svg.of(tensor), Xml.text(tensor.describe()));
  }
}
