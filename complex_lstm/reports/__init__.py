"""Reports: what was found, as one HTML file that opens without a network and prints. They know no Streamlit."""
